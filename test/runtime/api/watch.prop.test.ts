/**
 * Laws of watches: every watcher sees the writes of its objects in one order, and who reconnects from the last version it
 * saw misses nothing and sees nothing twice. Over random writes, selectors, stops and receivers that block.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import { type Delivery, openWatch, type Watch } from '../../../runtime/api/registry/watch.ts';
import { startApi, type TestServer } from '../../support/api-server.ts';

const CONFIG_MAPS = { group: '', resource: 'configmaps' };

let api: TestServer;
test.before(async () => {
  api = await startApi();
});
test.after(() => api.close());

type Write = { verb: 'put' | 'delete'; name: string; colour: string };

const write = fc.record<Write>({
  verb: fc.constantFrom('put', 'put', 'put', 'delete'),
  name: fc.constantFrom('a', 'b', 'c'),
  colour: fc.constantFrom('red', 'blue'),
});
/** How many deliveries a receiver takes before it blocks; 0: it never does. */
const plan = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 40 }),
  watchers: fc.array(fc.record({ red: fc.boolean(), blocksAfter: fc.nat(3), reconnectsAfter: fc.nat(6) }), {
    minLength: 1,
    maxLength: 4,
  }),
});

/** What a selector shows of the writes: the model that watchers are compared with. */
class Model {
  readonly #present = new Map<string, string>();
  readonly shown: { all: string[]; red: string[] } = { all: [], red: [] };

  take({ verb, name, colour }: Write): void {
    const before = this.#present.get(name);
    const after = verb === 'put' ? colour : undefined;
    if (before === after) return;
    if (after === undefined) this.#present.delete(name);
    else this.#present.set(name, after);
    this.#show('all', name, before !== undefined, after !== undefined);
    this.#show('red', name, before === 'red', after === 'red');
  }

  #show(which: 'all' | 'red', name: string, before: boolean, after: boolean): void {
    if (before && after) this.shown[which].push(`MODIFIED ${name}`);
    else if (after) this.shown[which].push(`ADDED ${name}`);
    else if (before) this.shown[which].push(`DELETED ${name}`);
  }
}

class Watcher {
  readonly seen: string[] = [];
  readonly #settings: { red: boolean; blocksAfter: number; reconnectsAfter: number };
  readonly #namespace: string;
  #version: string;
  #watch: Watch | undefined;
  #stopped = false;

  constructor(settings: Watcher['settings'], namespace: string, version: string) {
    this.#settings = settings;
    this.#namespace = namespace;
    this.#version = version;
  }

  get settings() {
    return this.#settings;
  }

  async open(): Promise<void> {
    const kind = api.server.kinds.find('', 'v1', 'configmaps');
    assert.ok(kind);
    const labelSelector = this.#settings.red ? 'colour=red' : undefined;
    const request = { kind, namespace: this.#namespace, labelSelector, resourceVersion: this.#version };
    let taken = 0;
    this.#watch = await openWatch(api.server.parts, request, {
      deliver: (deliveries) => this.#deliver(deliveries, ++taken),
      bookmark: () => true,
      lost: (reason) => assert.unreachable(String(reason)),
    });
  }

  #deliver(deliveries: readonly Delivery[], taken: number): boolean {
    const { blocksAfter, reconnectsAfter } = this.#settings;
    for (const { type, entry } of deliveries) {
      this.seen.push(`${type} ${entry.object.metadata.name}`);
      this.#version = entry.object.metadata.resourceVersion ?? '';
    }
    if (reconnectsAfter > 0 && taken === reconnectsAfter && !this.#stopped) {
      this.#watch?.stop();
      setImmediate(() => void this.open());
      return true;
    }
    if (blocksAfter > 0 && taken % blocksAfter === 0) {
      const watch = this.#watch;
      setImmediate(() => watch?.resume());
      return false;
    }
    return true;
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.stop();
  }
}

let run = 0;

test('every watcher sees what its selector shows, in the order of the writes, over blocks and reconnects', async () => {
  const property = fc.asyncProperty(plan, async ({ writes, watchers }) => {
    const namespace = `run-${run++}`;
    const { client } = api.server;
    await client.create(
      { group: '', resource: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    );
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace });
    // What every namespace is born with comes before the version that the watchers begin at.
    const open = watchers.map((settings) => new Watcher(settings, namespace, resourceVersion));
    await Promise.all(open.map((watcher) => watcher.open()));
    const model = new Model();
    for (const one of writes) {
      await perform(namespace, one);
      model.take(one);
    }
    for (const watcher of open) {
      const wanted = watcher.settings.red ? model.shown.red : model.shown.all;
      for (let i = 0; i < 200 && watcher.seen.length < wanted.length; i++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      watcher.stop();
      assert.equal(watcher.seen, wanted);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

async function perform(namespace: string, { verb, name, colour }: Write): Promise<void> {
  const { client } = api.server;
  const present = client.view.get('', 'configmaps', namespace, name);
  if (verb === 'delete') {
    if (present) await client.delete(CONFIG_MAPS, namespace, name);
    return;
  }
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { colour } } };
  if (present) await client.update(CONFIG_MAPS, object);
  else await client.create(CONFIG_MAPS, object);
}

test.run();
