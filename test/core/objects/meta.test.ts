/** Keys of objects: the same for the same name, whatever was asked before. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../core/objects/meta.ts';

const test = suite('objects: keys');

function named(name: string, namespace?: string) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
}

test('a key is the namespace and the name, or the name alone', () => {
  assert.is(keyOf(named('a', 'x')), 'x/a');
  assert.is(keyOf(named('a', 'y')), 'y/a');
  assert.is(keyOf(named('a')), 'a');
  assert.is(keyOf(named('b', 'y')), 'y/b');
  assert.is(keyOf(named('b', 'y')), 'y/b');
});

test('an object that is given another name has another key', () => {
  const pod = named('a', 'x');
  assert.is(keyOf(pod), 'x/a');
  pod.metadata.name = 'b';
  assert.is(keyOf(pod), 'x/b');
  pod.metadata.namespace = undefined;
  assert.is(keyOf(pod), 'b');
});

test.run();
