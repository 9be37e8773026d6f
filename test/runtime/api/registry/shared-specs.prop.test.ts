import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { behaviourOf } from '../../../../runtime/api/kinds/behaviour.ts';
import type { ApiObject } from '../../../../runtime/api/object.ts';
import { beginsWith, decode, encode, headOf, splice, versionText } from '../../../../runtime/api/registry/codec.ts';
import { boundSpec, faultless, shared, sharedText } from '../../../../runtime/api/registry/shared-specs.ts';
import { podObjects } from '../patch/objects.ts';

const pods = podObjects as unknown as fc.Arbitrary<ApiObject>;
const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

test('shared: what is handed out is equal, and the same object for equal specs', () => {
  fc.assert(
    fc.property(pods, ({ spec }) => {
      const one = shared(spec as object);
      assert.equal(one, spec);
      assert.is(shared(copyOf(spec) as object), one);
      assert.is(sharedText(one), JSON.stringify(spec));
    }),
  );
});

test('boundSpec: the spec with its node, its text that of a spec written anew', () => {
  fc.assert(
    fc.property(pods, fc.constantFrom('n', 'node-1', 'odd"name'), fc.boolean(), ({ spec }, node, isShared) => {
      const base = isShared ? shared(spec as object) : copyOf(spec as object);
      const bound = boundSpec(base, node);
      assert.is(JSON.stringify(bound), JSON.stringify({ ...(spec as object), nodeName: node }));
      if (isShared) assert.is(sharedText(bound), JSON.stringify(bound));
      if (isShared) assert.is(boundSpec(base, node), bound);
      assert.is(boundSpec(bound, 'other').nodeName, 'other');
    }),
  );
});

test('encode: an object with a shared spec is written as one that has a spec of its own', () => {
  fc.assert(
    fc.property(pods, fc.option(fc.jsonValue()), fc.boolean(), fc.boolean(), (full, status, isBound, isBare) => {
      const managedFields = [{ manager: 'm', operation: 'Update', fieldsV1: { 'f:a': {} } }];
      const pod = isBare ? ({ ...full, metadata: { managedFields } } as unknown as ApiObject) : full;
      const spec = shared(pod.spec as object);
      const given = { ...pod, spec: isBound ? boundSpec(spec, 'n') : spec, ...(status !== null && { status }) };
      const { resourceVersion: _, ...metadata } = given.metadata;
      const { apiVersion, kind, metadata: _m, ...rest } = given;
      const value = encode({ ...given, metadata: { ...given.metadata, resourceVersion: '7' } });
      assert.is(Buffer.from(value).toString(), JSON.stringify({ apiVersion, kind, ...copyOf({ metadata, ...rest }) }));
      if (isBare) return;
      const head = headOf('v1', 'Pod');
      assert.ok(beginsWith(value, head));
      const version = versionText(8);
      const bytes = Buffer.alloc(value.length + version.length + 2, '.');
      assert.is(splice(bytes, 1, value, head, version), bytes.length - 1);
      assert.is(bytes.toString('latin1', 0, 1) + bytes.toString('latin1', bytes.length - 1), '..');
      const spliced = bytes.toString('utf8', 1, bytes.length - 1);
      assert.equal(JSON.parse(spliced), copyOf(decode(value, 8)));
    }),
  );
});

/** Texts that stand around the parts of a pod, where a user may write them. */
const sly = fc.constantFrom(
  ...[',"managedFields":[', ']},"spec":{', ',"status":{', '"', ']}', 'é', 'n","nodeName":"m', 'plain'],
);

test('decode: a pod is read as JSON.parse reads it, whatever stands in its texts, and written again byte by byte', () => {
  const managedFields = fc.option(
    fc.array(
      fc.record({ manager: sly, operation: fc.constant('Update'), fieldsV1: fc.dictionary(sly, fc.constant({})) }),
      {
        maxLength: 2,
      },
    ),
  );
  const statuses = fc.option(
    fc.dictionary(fc.constantFrom('phase', 'message', 'spec', 'status'), fc.oneof(sly, fc.constant({}))),
  );
  const nodes = fc.option(sly);
  const strange = fc.constantFrom({}, { spec: {} }, { status: {} }, { spec: { status: {} }, status: { spec: {} } });
  fc.assert(
    fc.property(pods, sly, managedFields, statuses, nodes, strange, (full, text, owners, status, node, odd) => {
      const metadata = {
        ...full.metadata,
        annotations: { [text]: text, spec: text },
        ...(owners && { managedFields: owners }),
      };
      const spec = { ...odd, ...(full.spec as object), hostname: text, ...(node !== null && { nodeName: node }) };
      const object = { ...full, metadata, spec, ...(status && { status }) } as unknown as ApiObject;
      const value = encode(object);
      const read = decode(value, 8);
      const { resourceVersion, ...plain } = { ...read.metadata };
      assert.is(resourceVersion, '8');
      assert.equal({ ...read, metadata: plain }, JSON.parse(Buffer.from(value).toString()));
      // Before and after the owners were looked at.
      for (const again of [decode(value, 8), read]) assert.is(Buffer.compare(encode(again), value), 0);
    }),
    { numRuns: 500 },
  );
});

test('decode: pods in a row keep their own specs and nodes, where these are of one length, too', () => {
  const letter = fc.constantFrom('a', 'b', 'é');
  const one = fc.record({ hostname: letter, nodeName: fc.option(letter, { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 8, size: 'max' }), (specs) => {
      const metadata = { name: 'p', managedFields: [] };
      const pods = specs.map((spec) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec, status: {} }) as ApiObject);
      for (const pod of pods) assert.equal(decode(encode(pod), 8).spec, copyOf(pod.spec));
    }),
  );
});

/** The same few specs again and again, with all that may be wrong beside them. */
const alike = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    spec: fc.constantFrom(
      { containers: [{ name: 'a', image: 'a' }] },
      { containers: [{ name: 'a', image: 'a', resources: { requests: { cpu: 'much' } } }] },
    ),
    labels: fc.constantFrom(undefined, { a: '1' }, { a: 'not a label!' }, { 'not a key!': '1' }),
    annotations: fc.constantFrom(undefined, { a: 'anything' }, { 'not a key!': '1' }),
    status: fc.constantFrom(undefined, { phase: 'Pending' }, { phase: 7 }),
  },
  { noNullPrototype: true },
);

test('faultless: an object is never said to be without fault that has one', () => {
  const { validate } = behaviourOf('', 'Pod');
  let known = 0;
  fc.assert(
    fc.property(fc.array(alike, { minLength: 1, maxLength: 8, size: 'max' }), (all) => {
      for (const { name, spec, labels, annotations, status } of all) {
        const metadata = { name, namespace: 'default', labels, annotations };
        const given = { apiVersion: 'v1', kind: 'Pod', metadata, spec: shared(spec), ...(status && { status }) };
        const object = given as unknown as ApiObject;
        const causes = validate?.(object) ?? [];
        const found = faultless(object);
        if (found?.known) known++;
        if (found?.known) assert.equal(causes, []);
        else if (causes.length === 0) found?.remember();
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(known > 0);
});

test.run();
