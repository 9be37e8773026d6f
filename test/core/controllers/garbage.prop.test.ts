/**
 * Whatever the order, repetition and loss of events: the garbage collector never deletes what has an owner that lives, and
 * in the end nothing is left whose owners are all gone.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Action } from '../../../core/controllers/controller.ts';
import { garbageCollector } from '../../../core/controllers/garbage/collector.ts';
import { waitsForDependents } from '../../../core/controllers/garbage/graph.ts';
import { type KubeObject, keyOf, type OwnerReference } from '../../../core/objects/types.ts';
import { ControlledWorld } from '../../support/controlled-world.ts';

const RUNS = 300;
const THINGS = { group: 'x', resource: 'things', apiVersion: 'x/v1', kind: 'Thing', namespaced: true };
const WIDES = { group: 'x', resource: 'wides', apiVersion: 'x/v1', kind: 'Wide', namespaced: false };
const KINDS = [THINGS, WIDES];
type Kind = (typeof KINDS)[number];

interface Seed {
  wide: boolean;
  /** Indices of other objects, by their remainder. */
  owners: { index: number; blocks: boolean }[];
}

type Step =
  | { do: 'deliver'; kind: number; n: number }
  | { do: 'repeat'; kind: number; n: number }
  | { do: 'relist'; kind: number }
  | { do: 'look'; n: number }
  | { do: 'delete'; n: number; propagation: 'Background' | 'Foreground' | 'Orphan' }
  | { do: 'disown'; n: number }
  | { do: 'restart' };

const n = fc.nat(1000);
const kind = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('look' as const), n }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), kind, n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), kind, n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('relist' as const), kind }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      n,
      propagation: fc.constantFrom('Background' as const, 'Foreground' as const, 'Orphan' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disown' as const), n }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);
const seeds = fc.array(
  fc.record({ wide: fc.boolean(), owners: fc.array(fc.record({ index: n, blocks: fc.boolean() }), { maxLength: 2 }) }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

class Play {
  readonly world: ControlledWorld;

  constructor(from: readonly Seed[]) {
    this.world = new ControlledWorld({
      kinds: KINDS,
      controllers: () => [garbageCollector()],
      writing: (action) => this.check(action),
    });
    const made = from.map(({ wide }, i) => {
      const resource = wide ? WIDES : THINGS;
      const metadata = { name: `o${i}`, ...(!wide && { namespace: 'default' }) };
      return { resource, object: this.world.create(resource, { apiVersion: 'x/v1', kind: resource.kind, metadata }) };
    });
    // Circles among them: owners may come later in the list, and own each other.
    from.forEach(({ owners }, i) => {
      const references = new Map<string, OwnerReference>();
      for (const { index, blocks } of owners) {
        const owner = made[index % made.length];
        // What cannot be resolved is never collected: a rule of its own.
        if (owner.resource.namespaced && !made[i].resource.namespaced) continue;
        references.set(owner.object.metadata.uid ?? '', referenceTo(owner.object, blocks));
      }
      if (references.size > 0) this.#setOwners(made[i].resource, made[i].object, [...references.values()]);
    });
  }

  get all(): { resource: Kind; object: KubeObject }[] {
    return KINDS.flatMap((resource) => this.world.truth.list(resource).map((object) => ({ resource, object })));
  }

  #setOwners(resource: Kind, { metadata }: KubeObject, ownerReferences: OwnerReference[]): void {
    const key = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
    this.world.change(resource, key, (object) => ({ ...object, metadata: { ...object.metadata, ownerReferences } }));
  }

  #alive(reference: OwnerReference): KubeObject | undefined {
    return this.all.map(({ object }) => object).find(({ metadata }) => metadata.uid === reference.uid);
  }

  /** Before a write of the collector. */
  check(action: Action): void {
    if (action.type !== 'delete') return;
    const object = this.world.truth.get(action.resource, action.namespace, action.name);
    const { uid = object?.metadata.uid, resourceVersion = object?.metadata.resourceVersion } = action;
    if (!object || object.metadata.uid !== uid || object.metadata.resourceVersion !== resourceVersion) return;
    const owners = object.metadata.ownerReferences ?? [];
    assert.ok(owners.length > 0, `${keyOf(object)} has no owner, and is deleted`);
    for (const reference of owners) {
      const owner = this.#alive(reference);
      assert.ok(!owner || waitsForDependents(owner), `${keyOf(object)} is deleted, and ${reference.name} lives`);
    }
  }

  take(one: Step): void {
    const { world } = this;
    if (one.do === 'deliver') world.deliver(KINDS[one.kind], one.n);
    else if (one.do === 'repeat') world.repeat(KINDS[one.kind], one.n);
    else if (one.do === 'relist') world.relist(KINDS[one.kind]);
    else if (one.do === 'look') world.step(one.n);
    else if (one.do === 'restart') world.restart();
    else this.#user(one);
  }

  #user(one: Extract<Step, { do: 'delete' | 'disown' }>): void {
    const { all } = this;
    if (all.length === 0) return;
    const { resource, object } = all[one.n % all.length];
    if (one.do === 'disown') this.#setOwners(resource, object, (object.metadata.ownerReferences ?? []).slice(1));
    else this.world.delete(resource, keyOf(object), one.propagation);
  }

  end(): void {
    this.world.settle();
    for (const { object } of this.all) {
      const { ownerReferences = [], deletionTimestamp } = object.metadata;
      assert.not.ok(deletionTimestamp, `${keyOf(object)} waits for ever`);
      if (ownerReferences.length === 0) continue;
      assert.ok(
        ownerReferences.some((owner) => this.#alive(owner)),
        `${keyOf(object)} is left without a living owner`,
      );
    }
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject, blockOwnerDeletion: boolean): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', blockOwnerDeletion };
}

test('garbage is collected, all of it and nothing else', () => {
  fc.assert(
    fc.property(seeds, fc.array(step, { maxLength: 120, size: 'max' }), (from, steps) => {
      const play = new Play(from);
      for (const one of steps) play.take(one);
      play.end();
    }),
    { numRuns: RUNS },
  );
});

test.run();
