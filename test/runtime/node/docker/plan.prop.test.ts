/**
 * Whatever ends, and wherever Keelson is killed between two steps: what plan.ts says is done leads to where the pod belongs,
 * and never to two of the same container.
 */

import type { V1Pod } from '@kubernetes/client-node';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Observed, SANDBOX } from '../../../../runtime/node/docker/engine/engine.ts';
import { isOver, membersOf } from '../../../../runtime/node/docker/pod/containers-of-pod.ts';
import { type Action, type Facts, planPod } from '../../../../runtime/node/docker/pod/plan.ts';
import { samplePod, seen } from './sample.ts';

const STEPS_LIMIT = 200;

const pods = fc.record({
  restartPolicy: fc.constantFrom('Always', 'OnFailure', 'Never'),
  init: fc.array(fc.constantFrom('init', 'sidecar'), { maxLength: 3 }),
  apps: fc.integer({ min: 1, max: 3 }),
});

type Event =
  | { kind: 'step'; done: number; half: boolean }
  | { kind: 'ends'; which: number; code: number }
  | { kind: 'delete' };
const events: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const), done: fc.nat(4), half: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('ends' as const), which: fc.nat(5), code: fc.constantFrom(0, 1) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'delete' as const }) },
);

class World {
  containers: Observed[] = [];
  deleting = false;
  readonly pod: V1Pod;

  constructor(pod: V1Pod) {
    this.pod = pod;
  }

  plan() {
    const facts: Facts = {
      deleting: this.deleting,
      started: () => true,
      unhealthy: () => undefined,
      backOffUntil: () => undefined,
      nextAttempt: () => 0,
    };
    return planPod(this.pod, this.containers, facts);
  }

  /** @param half its maker is killed between making and starting it. */
  do(action: Action, half: boolean): void {
    if (action.do === 'remove') this.containers = this.containers.filter((one) => one !== action.target);
    if (action.do === 'kill' || action.do === 'stop-sandbox')
      Object.assign(action.target, { state: 'exited', exitCode: 137 });
    const state = half ? 'created' : 'running';
    if (action.do === 'start-sandbox') this.make(SANDBOX, action.attempt, state);
    if (action.do === 'start') this.make(action.member.container.name, action.attempt, state, action.sandbox.id);
  }

  make(name: string, attempt: number, state: string, sandbox = `${name}#${attempt}`): void {
    const [one] = seen(`${name}#${attempt} ${state}`);
    assert.not.ok(
      this.containers.some(({ id }) => id === one.id),
      `${one.id} is made twice`,
    );
    this.containers.push({ ...one, sandbox });
  }

  check(): void {
    const running = this.containers.filter(({ state }) => state === 'running').map(({ container }) => container);
    assert.is(new Set(running).size, running.length, `twice at once: ${running}`);
  }

  /** Nothing more happens but what is planned, and init containers that do their work. */
  settle(): void {
    for (let i = 0; i < STEPS_LIMIT; i++) {
      const { actions } = this.plan();
      for (const action of actions) this.do(action, false);
      this.check();
      const inits = membersOf(this.pod)
        .filter(({ role }) => role === 'init')
        .map(({ container }) => container.name);
      const working = this.containers.filter(
        ({ state, container }) => state === 'running' && inits.includes(container),
      );
      for (const one of working) Object.assign(one, { state: 'exited', exitCode: 0 });
      if (actions.length === 0 && working.length === 0) return;
    }
    throw new Error('it never comes to rest');
  }
}

test('plan: the pod gets to where it belongs, whatever ends and wherever its keeper is killed', () => {
  fc.assert(
    fc.property(pods, fc.array(events, { maxLength: 40, size: 'max' }), ({ restartPolicy, init, apps }, story) => {
      const world = new World(
        samplePod({
          restartPolicy,
          initContainers: init.map((role, i) => ({
            name: `i${i}`,
            ...(role === 'sidecar' && { restartPolicy: 'Always' }),
          })),
          containers: Array.from({ length: apps }, (_, i) => ({ name: `c${i}` })),
        }),
      );
      for (const event of story) {
        if (event.kind === 'delete') world.deleting = true;
        if (event.kind === 'ends') {
          const running = world.containers.filter(({ state }) => state === 'running');
          const target = running[event.which % Math.max(1, running.length)];
          if (target) Object.assign(target, { state: 'exited', exitCode: event.code });
        }
        if (event.kind === 'step') {
          const todo = world.plan().actions.slice(0, event.done + 1);
          todo.forEach((action, i) => {
            world.do(action, event.half && i === todo.length - 1);
          });
        }
        world.check();
      }
      world.settle();
      const running = world.containers.filter(({ state }) => state === 'running').map(({ container }) => container);
      if (world.deleting || isOver(world.pod, world.containers)) {
        assert.equal(running, [], 'nothing is left');
        assert.ok(world.plan().settled);
        return;
      }
      assert.ok(running.includes(SANDBOX));
      const members = membersOf(world.pod).filter(({ role }) => role !== 'init');
      if (restartPolicy === 'Always')
        for (const { container } of members) assert.ok(running.includes(container.name), container.name);
    }),
    { numRuns: 500 },
  );
});

test.run();
