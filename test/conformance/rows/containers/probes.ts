/** Probes. Source: Kubernetes v1.36, test/e2e/common/node/container_probe.go. Periods are shorter than there, counts the same. */
import * as assert from 'uvu/assert';
import { conditionOf, containerOf, netexec, podWith, ready, statusOf } from '../../kit/containers.ts';
import { turned } from '../../kit/pods.ts';
import type { Body } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

/** An unhealthy container is found out after a second. */
const SOON = { initialDelaySeconds: 0, periodSeconds: 1, failureThreshold: 1 };
/** That long is watched that nothing is started again; the probe has been asked then several times. */
const WATCHED_MS = 5000;

const HTTP = { httpGet: { path: '/healthz', port: 8080 } };
const GRPC = { grpc: { port: 5000 } };
const FILE = { exec: { command: ['cat', '/tmp/health'] } };

const grpc = (...flags: string[]): string[] => ['agnhost', 'grpc', ...flags];
const keepsFile = 'echo ok > /tmp/health; sleep 600';
const losesFile = 'echo ok > /tmp/health; sleep 2; rm /tmp/health; sleep 600';

export const PROBES: readonly Row[] = [
  { id: 'C220', run: (check) => isLeft(check, netexec(), HTTP) },
  { id: 'C221', run: (check) => isLeft(check, grpc(), GRPC) },
  { id: 'C222', run: (check) => isLeft(check, keepsFile, FILE) },
  { id: 'C223', run: (check) => isLeft(check, netexec(), { tcpSocket: { port: 8080 } }) },
  { id: 'C224', run: (check) => isRestarted(check, netexec('--healthy-seconds', '3'), HTTP) },
  { id: 'C225', run: (check) => isRestarted(check, grpc('--healthy-seconds', '3'), GRPC) },
  { id: 'C226', telling: true, run: (check) => isRestarted(check, losesFile, FILE) },
  {
    id: 'C227',
    async run(check) {
      // Once started again it is healthy for longer than its back-off lasts: five starts follow soon.
      const pods = check.namespaced('v1', 'pods');
      const watch = pods.watch();
      await isRestarted(check, netexec('--healthy-seconds', '1'), HTTP, 2);
      const counts = watch.events.map(({ object }) => statusOf(object).restartCount ?? 0);
      watch.stop();
      for (const [i, count] of counts.entries()) assert.ok(i === 0 || count >= counts[i - 1], counts.join(' '));
    },
  },
  {
    id: 'C228',
    async run(check) {
      const readinessProbe = { ...HTTP, initialDelaySeconds: 4, periodSeconds: 1 };
      const pod = await ready(check, always('delayed', netexec(), { readinessProbe }));
      const startedMs = Date.parse(statusOf(pod).state.running.startedAt);
      const readyMs = Date.parse(conditionOf(pod, 'Ready').lastTransitionTime);
      // Both are told in whole seconds.
      assert.ok(readyMs - startedMs >= 3000, `it was ready ${readyMs - startedMs} ms after its start`);
      assert.is(statusOf(pod).restartCount, 0);
    },
  },
  {
    id: 'C229',
    async run(check) {
      const readinessProbe = { exec: { command: ['false'] }, ...SOON };
      const pods = check.namespaced('v1', 'pods');
      await pods.create(always('never', netexec(), { readinessProbe }));
      await turned(pods, 'never', 'runs', ({ status }) => status.phase === 'Running');
      const watch = pods.watch();
      await new Promise((next) => setTimeout(next, WATCHED_MS));
      watch.stop();
      const all = [...watch.events.map(({ object }) => object), await pods.get('never')];
      for (const pod of all) {
        assert.is(conditionOf(pod, 'Ready').status, 'False');
        assert.is(statusOf(pod).ready, false);
        assert.is(statusOf(pod).restartCount, 0);
      }
    },
  },
];

function always(name: string, command: string | readonly string[], more: object): Body {
  return podWith(name, [containerOf('main', command, more)], { restartPolicy: 'Always' });
}

async function isLeft(check: Check, command: string | readonly string[], probe: object): Promise<void> {
  // The server gets its time to start; from then on one failure would be one too many.
  const livenessProbe = { ...probe, ...SOON, initialDelaySeconds: 2 };
  const pod = await ready(check, always('healthy', command, { livenessProbe }));
  await new Promise((next) => setTimeout(next, WATCHED_MS));
  const now = await check.namespaced('v1', 'pods').get('healthy');
  assert.is(statusOf(now).restartCount, 0);
  assert.is(statusOf(now).containerID, statusOf(pod).containerID);
}

async function isRestarted(check: Check, command: string | readonly string[], probe: object, times = 1): Promise<void> {
  const livenessProbe = { ...probe, ...SOON, initialDelaySeconds: 1 };
  const first = await ready(check, always('sick', command, { livenessProbe }));
  const again = await turned(check.namespaced('v1', 'pods'), 'sick', `has been started ${times} times again`, (pod) => {
    return statusOf(pod).restartCount >= times && statusOf(pod).state.running;
  });
  assert.is.not(statusOf(again).containerID, statusOf(first).containerID);
  assert.ok(statusOf(again).lastState.terminated, 'it says how the one before ended');
  const events = await check.namespaced('v1', 'events').list('fieldSelector=reason%3DUnhealthy');
  assert.ok(events.items.length > 0, 'an event says that it was unhealthy');
}
