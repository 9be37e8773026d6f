import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { podKey } from '../../../../core/scheduler/framework.ts';
import { Nominator } from '../../../../core/scheduler/queue/nominator.ts';
import { fakePod } from '../../../support/fake-decider.ts';

const pods = Array.from({ length: 4 }, (_, i) => fakePod(`p${i}`, { priority: i }));
const operation = fc.record({ pod: fc.constantFrom(...pods), node: fc.option(fc.constantFrom('a', 'b', 'c')) });

test('nominator: agrees with a plain list of (pod, node)', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      const nominator = new Nominator();
      let list: { key: string; node: string }[] = [];
      for (const { pod, node } of operations) {
        const key = podKey(pod);
        list = list.filter((entry) => entry.key !== key);
        if (node === null) nominator.delete(key);
        else {
          nominator.add(pod, node);
          list.push({ key, node });
        }
        assert.is(nominator.size, list.length);
        assert.equal([...nominator.nodeNames()].sort(), [...new Set(list.map((entry) => entry.node))].sort());
        for (const name of ['a', 'b', 'c']) {
          const expected = list.filter((entry) => entry.node === name).map((entry) => entry.key);
          assert.equal(nominator.onNode(name).map(podKey), expected);
        }
      }
    }),
  );
});

test.run();
