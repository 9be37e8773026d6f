/** What is remembered of specs changes nothing: every pod is checked and completed as by an intake that has met none. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Problem } from '../../../core/errors.ts';
import { Intake } from '../../../core/library/intake.ts';
import type { KubeObject, Pod } from '../../../core/objects/types.ts';

const WRONG = [{ name: 'main', image: 'web:1', resources: { requests: { cpu: 'much' } } }];

/** Few of each kind, so that specs come again; some are wrong, odd, or hang on labels and classes. */
const specs = fc.record(
  {
    containers: fc.constantFrom<unknown>(
      [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '100m' } } }],
      [
        { name: 'main', image: 'web:1', resources: { requests: { cpu: '100m' } } },
        { name: 'side', image: 'log:1' },
      ],
      [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } } }],
      [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '0.0001' } } }],
      WRONG,
      [{ name: 'main', image: 'web:1', unheardOf: true }],
      [{ name: 'main', image: null }],
      [],
      'none',
    ),
    priorityClassName: fc.constantFrom('high', 'low'),
    hostNetwork: fc.constantFrom<unknown>(true, 'yes', null, undefined),
    tolerations: fc.constantFrom<unknown>([], [{ key: 'k', operator: 'Exists' }]),
    affinity: fc.constant<unknown>({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: {}, matchLabelKeys: ['app'] },
        ],
      },
    }),
  },
  { requiredKeys: ['containers'] },
);

const pods = fc.record({
  spec: fc.oneof({ weight: 9, arbitrary: specs as fc.Arbitrary<unknown> }, fc.constantFrom<unknown>(undefined, 3, [])),
  metadata: fc.constantFrom<unknown>(
    { name: 'a', namespace: 'default', labels: { app: 'x' } },
    { name: 'b', labels: { app: 'y' }, uid: 'u' },
    { name: 'Not A Name', namespace: 'default' },
  ),
});

interface Step {
  pod: { spec: unknown; metadata: unknown };
  /** Before it: the priority of class 'high' changes, the one used as default goes, or the last pod is changed in place and comes again. */
  before: 'nothing' | 'class' | 'noClass' | 'mutation';
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    pod: pods,
    before: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Step['before']>('nothing') },
      fc.constantFrom<Step['before']>('class', 'noClass', 'mutation'),
    ),
  }),
  { maxLength: 60, size: 'max' },
);

function priorityClass(name: string, value: number): KubeObject {
  const made = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value };
  return made as KubeObject;
}

/** Of the same specs many: each is drawn from a handful. */
function repeated(all: readonly Step[]): Step[] {
  return all.map((step, i) => ({ ...step, pod: { ...step.pod, spec: all[i % 5 < 3 ? i % 7 : i]?.pod.spec } }));
}

test('a remembered spec is checked and completed as if it had never been met', () => {
  let good = 0;
  fc.assert(
    fc.property(steps, fc.boolean(), (drawn, defaults) => {
      const warned: Problem[] = [];
      const one = new Intake({ defaults, onWarning: (problem) => warned.push(problem) });
      const classes = new Map<string, KubeObject>();
      let last: Pod | undefined;
      repeated(drawn).forEach(({ pod: { spec, metadata }, before }, i) => {
        if (before === 'class') classes.set('high', priorityClass('high', i));
        if (before === 'class') one.remember([...classes.values()]);
        if (before === 'noClass') for (const object of classes.values()) one.forget(object);
        if (before === 'noClass') classes.clear();
        const value = { apiVersion: 'v1', kind: 'Pod', spec: structuredClone(spec), metadata } as Pod;
        if (before === 'mutation' && last) {
          last.spec.containers = structuredClone(WRONG) as Pod['spec']['containers'];
          value.spec = structuredClone(last.spec);
        }
        const fresh = new Intake({ defaults, onWarning: (problem) => expected.push(problem) });
        const expected: Problem[] = [];
        const expectedErrors: Problem[] = [];
        fresh.remember([...classes.values()]);
        const [checked] = fresh.check([structuredClone(value)], expectedErrors);
        warned.length = 0;
        const errors: Problem[] = [];
        const taken = one.takePod(value, errors);
        assert.equal(errors, expectedErrors);
        assert.equal(warned, expected);
        assert.equal(taken, checked && fresh.complete(checked));
        if (taken) good++;
        last = taken && value;
      });
    }),
    { numRuns: 300 },
  );
  assert.ok(good > 2000, `${good} pods were good`);
});

test.run();
