import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/objects/meta.ts';
import { ApiError } from '../../../../runtime/api/http/status.ts';
import type { ApiObject, ManagedFieldsEntry } from '../../../../runtime/api/object.ts';
import { serverSideApply } from '../../../../runtime/api/patch/apply/apply.ts';
import { compare, fieldSetOf, isEqual } from '../../../../runtime/api/patch/apply/compare.ts';
import {
  difference,
  fieldsText,
  fromFieldsV1,
  intersection,
  toFieldsV1,
  union,
} from '../../../../runtime/api/patch/apply/field-set.ts';
import {
  decodeManagers,
  managedFieldsOf,
  ownable,
  withoutManagedFields,
} from '../../../../runtime/api/patch/apply/managers.ts';
import { recordAnew, recordUpdate } from '../../../../runtime/api/patch/apply/update.ts';
import { mergeTypeOf } from '../../../../runtime/api/patch/merge-types.ts';
import { loadSchemas } from '../../../../runtime/api/schema/load.ts';
import { podObjects } from './objects.ts';

const type = mergeTypeOf(await loadSchemas(), 'v1', 'Pod')!;
const pods = podObjects as unknown as fc.Arbitrary<KubeObject>;

/** One write after the other, by few managers: applies, forced or not, and updates. */
const writes = fc.array(
  fc.record({ applies: fc.boolean(), force: fc.boolean(), manager: fc.constantFrom('a', 'b', 'c'), object: pods }),
  { minLength: 1, maxLength: 6 },
);

interface Write {
  applies: boolean;
  force: boolean;
  manager: string;
  object: KubeObject;
}

let clock = 0;

/** undefined when it met a conflict. */
function write(live: KubeObject | undefined, { applies, force, manager, object }: Write): KubeObject | undefined {
  const now = new Date(Date.UTC(2026, 0, 1, 0, 0, clock++ % 60)).toISOString().replace('.000', '');
  if (!applies) return recordUpdate({ old: live, next: object, manager, type, subresource: '', now });
  try {
    return serverSideApply({ current: live, applied: object, manager, force, type, subresource: '', now });
  } catch (error) {
    if (error instanceof ApiError && error.code === 409) return undefined;
    throw error;
  }
}

function live(history: readonly Write[]): KubeObject | undefined {
  let object: KubeObject | undefined;
  for (const next of history) object = write(object, next) ?? object;
  return object;
}

test('serverSideApply: applied twice is applied once', () => {
  fc.assert(
    fc.property(writes, pods, (history, object) => {
      const once = write(live(history), { applies: true, force: true, manager: 'a', object })!;
      assert.is(write(once, { applies: true, force: false, manager: 'a', object }), once);
    }),
    { numRuns: 300 },
  );
});

test('serverSideApply: everything applied is in the result, and owned by who applied it', () => {
  fc.assert(
    fc.property(writes, pods, (history, object) => {
      const result = write(live(history), { applies: true, force: true, manager: 'a', object })!;
      const named = fieldSetOf(object, type);
      const { added, modified } = compare(result, object, type);
      assert.ok(intersection(union(added, modified), named).isEmpty, 'a field is not as it was applied');
      const own = [...decodeManagers(managedFieldsOf(result))!.values()].find(
        ({ manager, operation }) => manager === 'a' && operation === 'Apply',
      );
      assert.equal(own ? toFieldsV1(own.set) : {}, toFieldsV1(ownable(named)));
    }),
    { numRuns: 300 },
  );
});

test('serverSideApply: what a manager no longer applies and nobody else owns is gone, what others own stays', () => {
  fc.assert(
    fc.property(writes, pods, pods, (history, first, second) => {
      const before = write(live(history), { applies: true, force: true, manager: 'a', object: first })!;
      const after = write(before, { applies: true, force: true, manager: 'a', object: second })!;
      const others = [...decodeManagers(managedFieldsOf(before))!.values()]
        .filter(({ manager, operation }) => manager !== 'a' || operation !== 'Apply')
        .map(({ set }) => set);
      const named = fieldSetOf(second, type);
      const dropped = difference(ownable(fieldSetOf(first, type)), union(named, ...others));
      const left = intersection(dropped, fieldSetOf(after, type));
      assert.equal(toFieldsV1(left), {}, 'a field that nobody owns is still there');
      assert.is(after.metadata.name, 'p');
    }),
    { numRuns: 300 },
  );
});

test('managedFields: whoever owns a field owns one that is there', () => {
  fc.assert(
    fc.property(writes, (history) => {
      const object = live(history);
      if (!object) return;
      const { added } = compare({}, withoutManagedFields(object), type);
      for (const { set } of decodeManagers(managedFieldsOf(object))!.values()) {
        assert.equal(toFieldsV1(difference(set, added)), {});
      }
    }),
    { numRuns: 300 },
  );
});

test('serverSideApply: without force it changes nothing that another manager owns', () => {
  fc.assert(
    fc.property(writes, pods, (history, object) => {
      const before = live(history);
      const after = write(before, { applies: true, force: false, manager: 'new', object });
      if (!before || !after) return;
      const changes = compare(withoutManagedFields(before), withoutManagedFields(after), type);
      for (const { set } of decodeManagers(managedFieldsOf(before))!.values()) {
        assert.ok(intersection(set, union(changes.added, changes.modified, changes.removed)).isEmpty);
      }
    }),
    { numRuns: 300 },
  );
});

test('serverSideApply: a part of what is there already changes no value', () => {
  fc.assert(
    fc.property(pods, fc.infiniteStream(fc.boolean()), (object, choice) => {
      const before = write(undefined, { applies: false, force: false, manager: 'a', object })!;
      const part = partOf(object, () => choice.next().value) as KubeObject;
      const after = write(before, { applies: true, force: false, manager: 'b', object: part })!;
      assert.equal(withoutManagedFields(after), withoutManagedFields(before));
    }),
    { numRuns: 300 },
  );
});

/** Fields left out by chance, of lists' items as well; what tells objects and items apart stays. */
function partOf(value: unknown, keep: () => boolean): unknown {
  if (Array.isArray(value))
    return value.every((item) => item?.name !== undefined) ? value.map((item) => partOf(item, keep)) : value;
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return value;
  const always = ['apiVersion', 'kind', 'metadata', 'name', 'containerPort'];
  const whole = ['nodeSelector', 'ports', 'tolerations'];
  const kept = Object.entries(value).filter(([key]) => always.includes(key) || keep());
  return Object.fromEntries(kept.map(([key, held]) => [key, whole.includes(key) ? held : partOf(held, keep)]));
}

test('recordUpdate: every field of a created object has an owner, and a write that changes nothing changes nothing', () => {
  fc.assert(
    fc.property(pods, (object) => {
      const created = write(undefined, { applies: false, force: false, manager: 'a', object })!;
      const [entry] = decodeManagers(managedFieldsOf(created))!.values();
      const unowned = difference(ownable(fieldSetOf(object, type)), entry?.set ?? ownable(fieldSetOf({}, type)));
      // An empty spec is there in any new pod, so nobody makes it.
      assert.ok(unowned.isEmpty || isEqual(toFieldsV1(unowned), { 'f:spec': {} }));
      assert.is(write(created, { applies: false, force: false, manager: 'b', object: created }), created);
    }),
    { numRuns: 300 },
  );
});

/** Objects that differ in little: so that changes look alike, and are not. */
const near = fc.record({
  labels: fc.constantFrom({}, { a: '1' }, { b: '1' }),
  hostname: fc.constantFrom('a', undefined),
  env: fc.constantFrom(undefined, 'a'),
  status: fc.option(
    fc.record(
      {
        phase: fc.constant('a'),
        podIPs: fc.array(fc.record({ ip: fc.constantFrom<string>('1', '2', '"') }), { minLength: 1, maxLength: 2 }),
        conditions: fc.constantFrom([{ type: 'A', status: 'True' }], [{ type: 'B', status: 'True' }]),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
    { nil: undefined },
  ),
});

type Near = typeof near extends fc.Arbitrary<infer T> ? T : never;

function readdressed(one: Near): Near {
  const podIPs = one.status?.podIPs?.map(({ ip }) => ({ ip: `${ip}0` }));
  return podIPs ? { ...one, status: { ...one.status, podIPs } } : one;
}

function nearTo(object: KubeObject, { labels, hostname, env, status }: Near): KubeObject {
  const { metadata, spec } = object as ApiObject;
  const containers = [{ name: 'a', ...(env !== undefined && { env: [{ name: env, value: env }] }) }];
  const next = {
    ...object,
    metadata: { ...metadata, labels },
    spec: { ...(spec as object), hostname, containers },
    status,
  };
  return next as unknown as KubeObject;
}

test('recordUpdate: a change that is known from another object has the same owners as one worked out anew', () => {
  const manager = fc.constantFrom('a', 'b', 'd');
  const nears = fc.array(near, { minLength: 2, maxLength: 10, size: 'max' });
  fc.assert(
    fc.property(writes, nears, manager, fc.boolean(), fc.boolean(), (history, all, manager, isParsed, isCut) => {
      let old = live(history) ?? history[0].object;
      old = recordUpdate({ old, next: nearTo(old, all[0]), manager: 'b', type, subresource: '', now: '' });
      // Owners may be wrong about what there is.
      if (isCut) old = { ...old, status: undefined } as KubeObject;
      // As it comes back from a store.
      if (isParsed) old = JSON.parse(JSON.stringify(old)) as KubeObject;
      for (const subresource of ['', 'status']) {
        // The second of each pair has another address, and nothing else is other.
        for (const one of all.flatMap((one) => [one, readdressed(one)])) {
          const record = { old, next: nearTo(old, one), manager, type, subresource, now: '2026-01-01T00:00:30Z' };
          const long = JSON.stringify(recordAnew(record));
          // Worked out at first, known the second time.
          for (let i = 0; i < 2; i++) {
            const recorded = recordUpdate(record);
            assert.is(JSON.stringify(recorded), long);
            for (const { fieldsV1 } of (managedFieldsOf(recorded) ?? []) as ManagedFieldsEntry[]) {
              assert.is(fieldsText(fieldsV1) ?? long, fieldsText(fieldsV1) ? JSON.stringify(fieldsV1) : long);
            }
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('recordUpdate: an object made from a template that is known has the owners of one worked out anew', () => {
  const made = fc.record({
    object: pods,
    manager: fc.constantFrom('a', 'b'),
    subresource: fc.constantFrom('', 'status'),
    name: fc.constantFrom('p', 'q'),
    labels: fc.option(fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'))),
    isAgain: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(made, { minLength: 2, maxLength: 10, size: 'max' }), (all) => {
      let template = all[0].object;
      for (const { object, manager, subresource, name, labels, isAgain } of all) {
        if (!isAgain) template = object;
        const metadata = { ...template.metadata, name, uid: `uid-${name}`, ...(labels && { labels }) };
        const next = JSON.parse(JSON.stringify({ ...template, metadata })) as KubeObject;
        const record = { old: undefined, next, manager, type, subresource, now: '2026-01-01T00:00:30Z' };
        assert.is(JSON.stringify(recordUpdate(record)), JSON.stringify(recordAnew(record)));
      }
    }),
    { numRuns: 150 },
  );
});

test('FieldsV1: written and read again it is the same set', () => {
  fc.assert(
    fc.property(pods, (object) => {
      const fields = toFieldsV1(fieldSetOf(object, type));
      assert.equal(toFieldsV1(fromFieldsV1(JSON.parse(JSON.stringify(fields)))!), fields);
    }),
  );
});

test('FieldsV1: whatever is there instead is refused or read, never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fromFieldsV1(value);
      decodeManagers(value);
      decodeManagers([{ operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: value }]);
    }),
  );
});

test.run();
