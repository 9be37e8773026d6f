/** The scheduler with its real parts, on small clusters, once with every decider. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../core/clock.ts';
import type { PersistentVolume, Pod, PodSpec } from '../../../core/objects/types.ts';
import { createQueuedScheduler } from '../../../core/scheduler/create-queued-scheduler.ts';
import { DECIDER_KINDS, type DeciderKind } from '../../../core/scheduler/deciders.ts';
import type { Scheduler } from '../../../core/scheduler/scheduler.ts';
import { node, pod, START_MS } from './queue/pods.ts';

interface World {
  scheduler: Scheduler;
  clock: VirtualClock;
  /** 'pod attempt result [node]', in order. */
  log: string[];
  evicted: string[];
  /** Runs until nothing is ready, then flushes at every next time until there is none before the end. */
  run(forMs?: number): void;
  places(): string[];
}

/** Binds at once; victims are gone the moment they are evicted. */
function world(decider: DeciderKind): World {
  const clock = new VirtualClock(START_MS);
  const log: string[] = [];
  const evicted: string[] = [];
  const scheduler: Scheduler = createQueuedScheduler({
    decider,
    clock,
    binder: { bind: (_pod, _nodeName, done) => done() },
    evictor: {
      evict: (victims) => {
        for (const victim of victims) {
          evicted.push(victim.metadata.name);
          scheduler.podDeleted(victim);
        }
      },
    },
    onDecision: ({ pod: { metadata }, result, host }, { number }) =>
      log.push(`${metadata.name} ${number} ${result}${host ? ` ${host}` : ''}`),
  });
  const run = (forMs = 0): void => {
    const end = clock.now() + forMs;
    scheduler.runUntilIdle();
    for (let at = scheduler.nextFlush(); at !== undefined && at <= end; at = scheduler.nextFlush()) {
      clock.set(Math.max(at, clock.now()));
      scheduler.flush();
      scheduler.runUntilIdle();
    }
    clock.set(end);
  };
  const places = (): string[] =>
    [...scheduler.pending()].map(({ pod: { metadata }, place }) => `${metadata.name} ${place}`).sort();
  return { scheduler, clock, log, evicted, run, places };
}

const cpu = (amount: string, spec: Partial<PodSpec> = {}) => ({ asks: { cpu: amount }, spec });
const low = (name: string, nodeName?: string): Pod => pod(name, cpu('3', { priority: 1, nodeName }));

for (const kind of DECIDER_KINDS) {
  const scenario = (name: string, body: (w: World) => void): void => {
    test(`Scheduler over ${kind}: ${name}`, () => body(world(kind)));
  };

  scenario('pods are placed while there is room, and the rest says why not', ({ scheduler, log, run }) => {
    scheduler.nodeAdded(node('n1'));
    scheduler.nodeAdded(node('n2'));
    for (const name of ['a', 'b', 'c']) scheduler.podAdded(pod(name, cpu('3')));
    run();
    assert.equal(log.length, 3);
    assert.match(log[2], /^c 1 unschedulable$/);
    const [waiting] = [...scheduler.pending()];
    assert.equal([waiting.place, waiting.plugins], ['unschedulable', ['NodeResourcesFit']]);
    assert.match(waiting.message ?? '', /^0\/2 nodes are available: 2 Insufficient cpu\./);
    assert.equal([scheduler.counters.scheduled, scheduler.counters.unschedulable], [2, 1]);
  });

  scenario('a new node lets in who fits on it, and wakes nobody else', ({ scheduler, log, run, clock, places }) => {
    scheduler.nodeAdded(node('n1', { has: { cpu: '1' } }));
    scheduler.podAdded(pod('huge', cpu('64', { priority: 9 })));
    scheduler.podAdded(pod('big', cpu('3')));
    scheduler.podAdded(pod('small', cpu('1')));
    run();
    assert.equal(log, ['huge 1 unschedulable', 'big 1 unschedulable', 'small 1 scheduled n1']);
    clock.advance(3000);
    scheduler.nodeAdded(node('n2'));
    run();
    assert.equal(log.slice(3), ['big 2 scheduled n2']);
    assert.equal(places(), ['huge unschedulable']);
  });

  scenario('no node at all is tried again after a backoff that grows', ({ scheduler, log, run }) => {
    scheduler.podAdded(pod('a', cpu('1')));
    run(6000);
    assert.equal(log, ['a 1 unschedulable', 'a 2 unschedulable', 'a 3 unschedulable']);
    scheduler.nodeAdded(node('n'));
    run(10_000);
    assert.equal(log.slice(3), ['a 4 scheduled n']);
  });

  scenario('a pod deleted makes room; one that still does not fit goes back', ({ scheduler, log, run, places }) => {
    scheduler.nodeAdded(node('n'));
    scheduler.podAdded(pod('a', cpu('2', { nodeName: 'n' })));
    scheduler.podAdded(pod('b', cpu('2', { nodeName: 'n' })));
    scheduler.podAdded(pod('c', cpu('3')));
    run();
    scheduler.podDeleted(pod('a'));
    run();
    scheduler.podDeleted(pod('b'));
    run();
    assert.equal(log, ['c 1 unschedulable', 'c 2 unschedulable', 'c 3 scheduled n']);
    assert.equal(places(), []);
  });

  scenario('preemption: the victim goes, its node is kept for the preemptor', ({ scheduler, log, evicted, run }) => {
    scheduler.nodeAdded(node('n1'));
    scheduler.nodeAdded(node('n2'));
    scheduler.podAdded(low('v1', 'n1'));
    scheduler.podAdded(pod('v2', cpu('3', { priority: 5, nodeName: 'n2' })));
    scheduler.podAdded(pod('high', cpu('3', { priority: 10 })));
    assert.is(scheduler.scheduleNext()?.preemption?.nominatedNode, 'n1');
    assert.equal(evicted, ['v1']);
    // Comes while the place is free, and must not take it.
    scheduler.podAdded(low('thief'));
    run(2000);
    assert.equal(log, ['high 1 unschedulable', 'thief 1 unschedulable', 'high 2 scheduled n1']);
    assert.equal([scheduler.counters.preemptions, scheduler.counters.victims], [1, 1]);
  });

  scenario(
    'preemption: victims with a grace period hold the place until they are gone',
    ({ scheduler, log, run, places }) => {
      const victim = low('v', 'n');
      const goingVictim: Pod = {
        ...victim,
        metadata: { ...victim.metadata, deletionTimestamp: '2024-01-01T00:00:00Z' },
      };
      const going: Pod = {
        ...goingVictim,
        status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
      };
      scheduler.nodeAdded(node('n'));
      scheduler.podAdded(going);
      scheduler.podAdded(pod('high', { ...cpu('3', { priority: 10 }), status: { nominatedNodeName: 'n' } }));
      run();
      assert.equal(log, ['high 1 unschedulable']);
      assert.equal([scheduler.counters.preemptions, places()], [0, ['high unschedulable']]);
      scheduler.podDeleted(going);
      run(2000);
      assert.equal(log.slice(1), ['high 2 scheduled n']);
    },
  );

  scenario('gates: a gated pod waits, and is placed once they are gone', ({ scheduler, log, run, places }) => {
    scheduler.nodeAdded(node('n'));
    const gated = pod('a', cpu('1', { schedulingGates: [{ name: 'g' }, { name: 'h' }] }));
    scheduler.podAdded(gated);
    run(3_600_000);
    assert.equal([log, places()], [[], ['a gated']]);
    scheduler.podUpdated(pod('a', cpu('1', { schedulingGates: [{ name: 'h' }] })));
    run();
    assert.equal(log, []);
    scheduler.podUpdated(pod('a', cpu('1')));
    run();
    assert.equal(log, ['a 1 scheduled n']);
  });

  scenario('affinity: who needs company comes when it has come', ({ scheduler, log, run }) => {
    scheduler.nodeAdded(node('n1', { labels: { zone: 'a' } }));
    const term = { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'zone' };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    scheduler.podAdded(pod('web', cpu('1', { affinity })));
    run();
    scheduler.podAdded(pod('other', cpu('1')));
    run();
    scheduler.podAdded(pod('db', { ...cpu('1'), metadata: { labels: { app: 'db' } } }));
    run(2000);
    assert.equal(log, ['web 1 unschedulable', 'other 1 scheduled n1', 'db 1 scheduled n1', 'web 2 scheduled n1']);
  });

  scenario('taints, cordons and labels: what changes for the better wakes', ({ scheduler, log, run }) => {
    const taints = [{ key: 'k', effect: 'NoSchedule' }];
    scheduler.nodeAdded(node('n1', { taints }));
    scheduler.nodeAdded(node('n2', { unschedulable: true }));
    scheduler.podAdded(pod('a', cpu('3')));
    scheduler.podAdded(pod('b', cpu('3')));
    scheduler.podAdded(pod('c', cpu('3', { nodeSelector: { disk: 'ssd' } })));
    run();
    scheduler.nodeUpdated(node('n1'));
    run(2000);
    scheduler.nodeUpdated(node('n2'));
    run(2000);
    scheduler.nodeAdded(node('n3', { taints }));
    run(2000);
    scheduler.nodeUpdated(node('n3', { taints, labels: { disk: 'ssd' } }));
    run(2000);
    scheduler.nodeUpdated(node('n3', { labels: { disk: 'ssd' } }));
    run(20_000);
    const placed = log.filter((line) => line.includes(' scheduled '));
    assert.equal(
      placed.map((line) => line.replace(/ \d+ scheduled/, '')),
      ['a n1', 'b n2', 'c n3'],
    );
  });

  scenario('a claim that appears wakes the pod that needs it', ({ scheduler, log, run }) => {
    scheduler.nodeAdded(node('n'));
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'claim' } }];
    scheduler.podAdded(pod('a', cpu('1', { volumes })));
    run();
    const claim = (name: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
      spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pv', resources: { requests: { storage: '1Gi' } } },
      status: { phase: 'Bound' },
    });
    scheduler.objectAdded(claim('other'));
    run();
    assert.equal(log, ['a 1 unschedulable']);
    const volume: PersistentVolume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'pv' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
    };
    scheduler.objectAdded(volume);
    scheduler.objectAdded(claim('claim'));
    run(5000);
    assert.is(log.at(-1)?.replace(/\d/, '#'), 'a # scheduled n');
  });

  scenario('a node that leaves takes nothing with it; pods wait for the next', ({ scheduler, log, run, places }) => {
    scheduler.nodeAdded(node('n1'));
    scheduler.podAdded(pod('a', cpu('3')));
    run();
    scheduler.nodeDeleted('n1');
    scheduler.nodeAdded(node('n2', { has: { cpu: '1' } }));
    scheduler.podAdded(pod('b', cpu('3')));
    run();
    assert.equal([log, places()], [['a 1 scheduled n1', 'b 1 unschedulable'], ['b unschedulable']]);
    scheduler.nodeUpdated(node('n2', { has: { cpu: '3' } }));
    run(2000);
    assert.is(log.at(-1), 'b 2 scheduled n2');
  });
}

test.run();
