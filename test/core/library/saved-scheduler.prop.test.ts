/** A scheduler that was restarted from its snapshot decides on as if it had never stopped, under churn, in every decider. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScheduler, type DirectSchedulerOptions } from '../../../core/library/create-scheduler.ts';
import type { DirectScheduler } from '../../../core/library/direct-scheduler.ts';
import type { Pod } from '../../../core/objects/types.ts';
import { DECIDER_KINDS, type DeciderKind } from '../../../core/scheduler/deciders.ts';
import type { Decision, TieRule } from '../../../core/scheduler/decision.ts';
import type { SequenceCase, Step } from '../../../sim/replay/case.ts';
import { sequenceCases } from '../../support/arbitraries.ts';

function take(scheduler: DirectScheduler, step: Step, pods: ReadonlyMap<string, Pod>): unknown {
  switch (step.op) {
    case 'nodeAdd':
    case 'nodeUpdate':
      return scheduler.apply(step.node);
    case 'nodeDelete':
      return scheduler.delete({ apiVersion: 'v1', kind: 'Node', metadata: { name: step.name } });
    case 'podDelete': {
      const pod = pods.get(step.name);
      return pod && scheduler.delete(pod);
    }
    case 'pod':
      return shown(scheduler.schedule(step.pod));
  }
}

function shown({ host, evaluated, feasible, message, preemption }: Decision): unknown {
  const victims = preemption?.victims.map(({ metadata, spec }) => [metadata.name, spec.nodeName]);
  return [host, evaluated, feasible, message, preemption?.nominatedNode, victims];
}

/** Some placed pods are confirmed, as an API server would: they come back with their node and a start time. */
function confirm(scheduler: DirectScheduler, pod: Pod, host: string): void {
  const status = { phase: 'Running', startTime: '2026-04-01T00:00:00Z' };
  const confirmed: Pod = { ...pod, spec: { ...pod.spec, nodeName: host }, status };
  scheduler.apply(confirmed);
}

function configurationOf(config: SequenceCase['config']): object | undefined {
  return config
    ? { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', ...config }
    : undefined;
}

const kinds = fc.constantFrom<DeciderKind>(...DECIDER_KINDS);

test('restarts at any moment, in any decider from any other, change no later answer', () => {
  let moved = 0;
  fc.assert(
    fc.property(
      sequenceCases({ steps: 25, templates: 3 }),
      fc.record({ from: kinds, to: kinds, tieRule: fc.constantFrom<TieRule>('order', 'first', 'random') }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      ({ objects, steps, config }, { from, to, tieRule }, at, sampled) => {
        const options = { tieRule, seed: 5, validate: false, defaults: false, config: configurationOf(config) };
        const running = createScheduler({ ...options, objects, decider: from });
        let restarted: DirectScheduler | undefined;
        const pods = new Map<string, Pod>();
        let placedBefore: Pod | undefined;
        steps.forEach((step, i) => {
          if (step.op === 'pod' && step.pod.metadata.deletionTimestamp) return;
          if (i >= at && (i === at || sampled)) {
            const bytes = (restarted ?? running).snapshot();
            restarted = createScheduler({ ...options, decider: to, snapshot: bytes } satisfies DirectSchedulerOptions);
          }
          if (step.op === 'pod') pods.set(step.pod.metadata.name, step.pod);
          const answer = take(running, step, pods);
          if (restarted) assert.equal(take(restarted, step, pods), answer, `step ${i}`);
          if (step.op !== 'pod') return;
          const [host] = answer as [string | undefined];
          if (host === undefined) return;
          moved++;
          for (const one of [running, restarted]) {
            if (one && i % 3 === 0) confirm(one, step.pod, host);
            if (one && i % 3 === 1 && placedBefore) one.delete(placedBefore); // With what was reserved for it.
          }
          placedBefore = step.pod;
        });
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(moved > 100, `${moved} placed pods were confirmed or deleted`);
});

test.run();
