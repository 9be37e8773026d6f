/** Hooks, init containers, ephemeral containers. Source: Kubernetes v1.36, test/e2e/common/node/{lifecycle_hook,init_container,ephemeral_containers}.go, test/e2e/node/pre_stop.go. */
import * as assert from 'uvu/assert';
import {
  conditionOf,
  containerOf,
  inPhase,
  logOf,
  netexec,
  outputInside,
  podWith,
  ready,
  says,
  statusOf,
  WAITS,
} from '../../kit/containers.ts';
import { turned } from '../../kit/pods.ts';
import { type Body, eventually } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

const TRUE = containerOf('init1', ['true']);

export const LIFECYCLE: readonly Row[] = [
  {
    id: 'C171',
    telling: true,
    async run(check) {
      const { address } = await server(check);
      await ready(check, hooked({ postStart: { exec: { command: asks(address, 'poststart') } } }));
      await says(check, 'handler', 'main', /GET \/echo\?msg=poststart/);
    },
  },
  {
    id: 'C172',
    async run(check) {
      const { address } = await server(check);
      await ready(
        check,
        hooked({ postStart: { httpGet: { host: address, path: '/echo?msg=poststart', port: 8080 } } }),
      );
      await says(check, 'handler', 'main', /GET \/echo\?msg=poststart/);
    },
  },
  { id: 'C173', run: (check) => preStops(check, (address) => ({ exec: { command: asks(address, 'prestop') } })) },
  {
    id: 'C174',
    run: (check) => preStops(check, (host) => ({ httpGet: { host, path: '/echo?msg=prestop', port: 8080 } })),
  },
  {
    id: 'C219',
    async run(check) {
      const { address } = await server(check);
      const preStop = { exec: { command: asks(address, 'prestop') } };
      const pod = hooked({ preStop });
      pod.spec.terminationGracePeriodSeconds = 30;
      await ready(check, pod);
      const pods = check.namespaced('v1', 'pods');
      const watch = pods.watch('fieldSelector=metadata.name%3Dhooked');
      await pods.delete('hooked');
      await says(check, 'handler', 'main', /GET \/echo\?msg=prestop/);
      await watch.until((events) => events.some(({ type }) => type === 'DELETED'));
      watch.stop();
      assert.is((await logOf(check, 'handler')).split('msg=prestop').length, 2, 'it was called once');
    },
  },
  {
    id: 'C191',
    async run(check) {
      const main = containerOf('main', WAITS);
      const pod = podWith('inits', [main], { initContainers: inOrder(), restartPolicy: 'Always' });
      orderly(await ready(check, pod));
    },
  },
  {
    id: 'C192',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podWith('inits', [containerOf('main', ['true'])], { initContainers: inOrder() }));
      const pod = await inPhase(check, 'inits', 'Succeeded');
      orderly(pod);
      assert.is(conditionOf(pod, 'Initialized').status, 'True');
      assert.is(statusOf(pod).state.terminated.exitCode, 0);
    },
  },
  {
    id: 'C193',
    async run(check) {
      const initContainers = [TRUE, containerOf('init2', ['false'])];
      await check
        .namespaced('v1', 'pods')
        .create(podWith('inits', [containerOf('main', ['true'])], { initContainers }));
      const pod = await inPhase(check, 'inits', 'Failed');
      assert.is(statusOf(pod, 'init1').state.terminated.exitCode, 0);
      assert.is(statusOf(pod, 'init2').state.terminated.exitCode, 1);
      notBegun(pod);
    },
  },
  {
    id: 'C194',
    async run(check) {
      const initContainers = [containerOf('init1', ['false']), containerOf('init2', ['true'])];
      const pods = check.namespaced('v1', 'pods');
      const spec = { initContainers, restartPolicy: 'Always' };
      await pods.create(podWith('inits', [containerOf('main', WAITS)], spec));
      const watch = pods.watch('fieldSelector=metadata.name%3Dinits');
      await turned(pods, 'inits', 'has tried three times', (pod) => statusOf(pod, 'init1').restartCount >= 3);
      watch.stop();
      const counts = watch.events.map(({ object }) => statusOf(object, 'init1').restartCount ?? 0);
      for (const [i, count] of counts.entries()) assert.ok(i === 0 || count >= counts[i - 1], counts.join(' '));
      for (const { object } of watch.events) {
        assert.is(object.status.phase, 'Pending');
        if (object.status.containerStatuses) notBegun(object);
        assert.ok(!statusOf(object, 'init2').state?.terminated, 'the second waits for the first');
      }
    },
  },
  {
    id: 'C190',
    async run(check) {
      await ready(check, podWith('looked-at', [containerOf('main', netexec())]));
      await addEphemeral(check, containerOf('debugger', WAITS, { targetContainerName: 'main' }));
      const seen = await outputInside(
        check,
        'looked-at',
        'wget -q -O - http://127.0.0.1:8080/hostname; ps',
        'debugger',
      );
      assert.match(seen, /^looked-at/, 'it shares the network');
      assert.match(seen, /agnhost netexec/, 'it sees the processes of its target');
    },
  },
  {
    id: 'C189',
    async run(check) {
      await ready(check, podWith('looked-at', [containerOf('main', WAITS)]));
      await addEphemeral(check, containerOf('first', WAITS));
      const pod = await addEphemeral(check, containerOf('second', ['sh', '-c', 'echo polo; sleep 600']));
      await says(check, 'looked-at', 'second', /polo/);
      assert.is(pod.spec.ephemeralContainers.length, 2);
      assert.ok(statusOf(pod, 'first').state.running, 'the first runs on');
      assert.is(statusOf(pod).restartCount, 0);
    },
  },
];

const asks = (address: string, what: string): string[] => [
  'wget',
  '-q',
  '-O',
  '-',
  `http://${address}:8080/echo?msg=${what}`,
];

/** Another pod, which hooks call. */
async function server(check: Check): Promise<{ address: string }> {
  const pod = await ready(check, podWith('handler', [containerOf('main', netexec())]));
  await says(check, 'handler', 'main', /serving/);
  return { address: pod.status.podIP };
}

function hooked(lifecycle: object): Body {
  return podWith('hooked', [containerOf('main', WAITS, { lifecycle })]);
}

async function preStops(check: Check, hook: (address: string) => object): Promise<void> {
  const { address } = await server(check);
  const pod = hooked({ preStop: hook(address) });
  pod.spec.terminationGracePeriodSeconds = 15;
  await ready(check, pod);
  assert.not.match(await logOf(check, 'handler'), /prestop/);
  const pods = check.namespaced('v1', 'pods');
  await pods.delete('hooked');
  await pods.gone('hooked');
  await says(check, 'handler', 'main', /GET \/echo\?msg=prestop/);
}

/** Two, and each takes its time. */
function inOrder(): Body[] {
  return [containerOf('init1', 'sleep 0.3'), containerOf('init2', 'sleep 0.3')];
}

function orderly(pod: Body): void {
  const [first, second, main] = ['init1', 'init2', 'main'].map((name) => statusOf(pod, name).state);
  for (const { terminated } of [first, second]) {
    assert.is(terminated.reason, 'Completed');
    assert.is(terminated.exitCode, 0);
  }
  assert.ok(first.terminated.finishedAt <= second.terminated.startedAt, 'the first has ended before the second');
  assert.ok(second.terminated.finishedAt <= (main.running ?? main.terminated).startedAt, 'both before the main one');
}

function notBegun(pod: Body): void {
  const { state, ready: isReady, started } = statusOf(pod);
  assert.ok(state.waiting, JSON.stringify(state));
  assert.is(state.waiting.reason, 'PodInitializing');
  assert.is(isReady, false);
  assert.ok(!started);
  assert.is(conditionOf(pod, 'Initialized').status, 'False');
  assert.is(conditionOf(pod, 'Initialized').reason, 'ContainersNotInitialized');
}

/** @returns the pod, when it runs. */
async function addEphemeral(check: Check, container: Body): Promise<Body> {
  const pods = check.namespaced('v1', 'pods');
  await pods.patch('looked-at', 'strategic', { spec: { ephemeralContainers: [container] } }, 'ephemeralcontainers');
  await eventually(`${container.name} runs`, async () => {
    return statusOf(await pods.get('looked-at'), container.name).state?.running !== undefined;
  });
  return pods.get('looked-at');
}
