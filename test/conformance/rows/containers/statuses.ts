/** What is said of containers that run, end and go. Source: Kubernetes v1.36, test/e2e/common/node/{runtime,kubelet,pods}.go. */
import * as assert from 'uvu/assert';
import {
  conditionOf,
  containerOf,
  inPhase,
  nodeAddress,
  podWith,
  printed,
  ready,
  statusOf,
  WAITS,
} from '../../kit/containers.ts';
import { turned } from '../../kit/pods.ts';
import { type Body, labelled, names, refused, seen } from '../../kit/resource.ts';
import type { Check, Row } from '../../row.ts';

const FALLBACK = { terminationMessagePolicy: 'FallbackToLogsOnError' };

export const STATUSES: readonly Row[] = [
  { id: 'C175', run: (check) => leaves(check, 'Succeeded', '', 'echo -n DONE', FALLBACK) },
  { id: 'C176', run: (check) => leaves(check, 'Succeeded', 'OK', 'echo -n OK > /dev/termination-log', FALLBACK) },
  { id: 'C177', telling: true, run: (check) => leaves(check, 'Failed', 'DONE', 'echo -n DONE; exit 1', FALLBACK) },
  {
    id: 'C178',
    run: (check) =>
      leaves(check, 'Succeeded', 'DONE', 'echo -n DONE > /dev/termination-custom-log', {
        terminationMessagePath: '/dev/termination-custom-log',
        securityContext: { runAsUser: 1000 },
      }),
  },
  {
    id: 'C179',
    async run(check) {
      await Promise.all([
        policy(check, 'Always', { phase: 'Running', restarts: 2, ready: true }),
        policy(check, 'OnFailure', { phase: 'Succeeded', restarts: 1, ready: false }),
        policy(check, 'Never', { phase: 'Failed', restarts: 0, ready: false }),
      ]);
    },
  },
  {
    id: 'C195',
    async run(check) {
      assert.is(await printed(check, "echo 'Hello World'; sleep 0.1"), 'Hello World\n');
    },
  },
  {
    id: 'C196',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podWith('fails', [containerOf('main', ['/bin/false'])], { restartPolicy: 'Always' }));
      await turned(pods, 'fails', 'has failed', (pod) => statusOf(pod).restartCount > 0);
      await pods.delete('fails');
      await pods.gone('fails');
    },
  },
  {
    id: 'C197',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await pods.create(podWith('fails', [containerOf('main', ['/bin/false'])]));
      const pod = await turned(pods, 'fails', 'has ended', (one) => statusOf(one).state?.terminated);
      const { exitCode, reason, startedAt, finishedAt, containerID } = statusOf(pod).state.terminated;
      assert.is(exitCode, 1);
      assert.is(reason, 'Error');
      assert.ok(Date.parse(startedAt) <= Date.parse(finishedAt));
      assert.match(containerID, /^docker:\/\/[0-9a-f]{64}$/);
    },
  },
  {
    id: 'C209',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await ready(check, podWith('limited', [containerOf('main', WAITS)], { activeDeadlineSeconds: 300 }));
      await pods.patch('limited', 'strategic', { spec: { activeDeadlineSeconds: 1 } });
      const pod = await inPhase(check, 'limited', 'Failed');
      assert.is(pod.status.reason, 'DeadlineExceeded');
    },
  },
  { id: 'C210', run: submittedAndRemoved },
  {
    id: 'C211',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      await ready(check, podWith('updated', [containerOf('main', WAITS)], {}, { labels: { time: 'before' } }));
      assert.equal(names(await pods.list(labelled({ time: 'before' }))), ['updated']);
      await pods.change('updated', (pod) => ({ ...pod, metadata: { ...pod.metadata, labels: { time: 'after' } } }));
      assert.equal(names(await pods.list(labelled({ time: 'after' }))), ['updated']);
      assert.equal(names(await pods.list(labelled({ time: 'before' }))), []);
    },
  },
  {
    id: 'C213',
    async run(check) {
      const pods = check.namespaced('v1', 'pods');
      const labels = { type: 'Testing' };
      const three = ['one', 'two', 'three'].map((name) => podWith(name, [containerOf('main', WAITS)], {}, { labels }));
      await Promise.all(three.map((pod) => ready(check, pod)));
      await pods.deleteCollection(labelled(labels));
      for (const { metadata } of three) await pods.gone(metadata.name);
      assert.equal(names(await pods.list(labelled(labels))), []);
    },
  },
  {
    id: 'C214',
    async run(check) {
      const { status } = await ready(check, podWith('hosted', [containerOf('main', WAITS)]));
      assert.is(status.hostIP, await nodeAddress(check));
      assert.equal(status.hostIPs, [{ ip: status.hostIP }]);
      assert.match(status.hostIP, /^\d+\.\d+\.\d+\.\d+$/);
    },
  },
  { id: 'C216', run: lifecycle },
  {
    id: 'C074',
    async run(check) {
      // Every pod fails the first time, which a file outside the container remembers.
      const command = 'test -e /data/failed && exit 0; touch /data/failed; exit 1';
      const main = containerOf('main', command, { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
      const { spec } = podWith('', [main], { restartPolicy: 'OnFailure', volumes: [{ name: 'data', emptyDir: {} }] });
      const jobs = check.namespaced('batch/v1', 'jobs');
      const template = { spec };
      await jobs.create({ metadata: { name: 'fails-once' }, spec: { parallelism: 2, completions: 4, template } });
      const { status } = await turned(jobs, 'fails-once', 'is complete', (job) =>
        job.status.conditions?.some(({ type, status: is }: Body) => type === 'Complete' && is === 'True'),
      );
      assert.is(status.succeeded, 4);
      assert.is(status.failed ?? 0, 0, 'they were started again where they were');
      const pods = (await check.namespaced('v1', 'pods').list()).items;
      assert.equal(
        pods.map((pod: Body) => statusOf(pod).restartCount),
        [1, 1, 1, 1],
      );
    },
  },
];

async function leaves(check: Check, phase: string, message: string, command: string, more: object): Promise<void> {
  await check.namespaced('v1', 'pods').create(podWith('ends', [containerOf('main', command, more)]));
  const pod = await inPhase(check, 'ends', phase);
  assert.is(statusOf(pod).state.terminated.message ?? '', message);
}

interface Expected {
  phase: string;
  restarts: number;
  ready: boolean;
}

/** Fails once, ends well the second time, and then runs on: as far as its policy lets it. */
async function policy(check: Check, restartPolicy: string, { phase, restarts, ready: isReady }: Expected) {
  const pods = check.namespaced('v1', 'pods');
  const name = `exits-${restartPolicy.toLowerCase()}`;
  const count = 'f=/restarts/count; n=$(($(cat $f 2>/dev/null || echo 0) + 1)); echo $n > $f';
  const command = `${count}; [ $n = 1 ] && exit 1; [ $n = 2 ] && exit 0; trap 'exit 0' TERM; sleep 600 & wait`;
  const main = containerOf('main', command, { volumeMounts: [{ name: 'v', mountPath: '/restarts' }] });
  await pods.create(podWith(name, [main], { restartPolicy, volumes: [{ name: 'v', emptyDir: {} }] }));
  const pod = await turned(pods, name, `is ${phase} after ${restarts} restarts`, (one) => {
    const { restartCount, ready: now } = statusOf(one);
    return one.status.phase === phase && restartCount === restarts && now === isReady;
  });
  assert.is(conditionOf(pod, 'Ready').status, isReady ? 'True' : 'False');
  assert.ok(isReady ? statusOf(pod).state.running : statusOf(pod).state.terminated);
}

async function submittedAndRemoved(check: Check): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  const query = labelled({ time: check.unique });
  const { metadata } = await pods.list(query);
  const watch = pods.watch(`${query}&resourceVersion=${metadata.resourceVersion}`);
  const name = 'submitted';
  const trapped = "trap 'echo got TERM; sleep 0.5; exit 0' TERM; sleep 600 & wait";
  const pod = podWith(name, [containerOf('main', trapped)], {}, { labels: { time: check.unique } });
  pod.spec.terminationGracePeriodSeconds = 30;
  await ready(check, pod);
  await seen(watch, 'ADDED');
  await pods.delete(name);
  const going = await seen(watch, 'MODIFIED', (object) => object.metadata.deletionTimestamp !== undefined);
  assert.is(going.metadata.deletionGracePeriodSeconds, 30);
  const last = await seen(watch, 'DELETED');
  assert.ok(last.metadata.deletionTimestamp);
  assert.is(statusOf(last).state.terminated?.exitCode, 0, 'it is told how its container ended');
  watch.stop();
  assert.equal(names(await pods.list(query)), []);
  refused(await check.api.get(`${pods.path}/${name}`), 404, 'NotFound');
}

async function lifecycle(check: Check): Promise<void> {
  const pods = check.namespaced('v1', 'pods');
  const labels = { 'test-pod-static': check.unique };
  const watch = pods.watch(labelled(labels));
  const has = (type: string, is: string) => (pod: Body) => conditionOf(pod, type).status === is;
  await pods.create(podWith('pod-test', [containerOf('main', WAITS)], {}, { labels }));
  await seen(watch, 'ADDED');
  await seen(watch, 'MODIFIED', has('PodScheduled', 'True'));
  const running = await seen(watch, 'MODIFIED', has('Ready', 'True'));
  for (const type of ['PodReadyToStartContainers', 'Initialized', 'ContainersReady']) {
    assert.is(conditionOf(running, type).status, 'True', type);
  }
  await pods.patch('pod-test', 'strategic', { metadata: { labels: { patched: 'true' } } });
  await seen(watch, 'MODIFIED', ({ metadata }) => metadata.labels.patched === 'true');
  const status = await pods.get('pod-test', 'status');
  assert.is(status.status.phase, 'Running');
  await pods.change(
    'pod-test',
    (pod) => {
      const conditions = pod.status.conditions.map((one: Body) =>
        one.type === 'Ready' || one.type === 'ContainersReady' ? { ...one, status: 'False' } : one,
      );
      return { ...pod, status: { ...pod.status, conditions } };
    },
    'status',
  );
  await seen(watch, 'MODIFIED', has('Ready', 'False'));
  await pods.deleteCollection(labelled(labels));
  await seen(watch, 'DELETED');
  watch.stop();
  await pods.gone('pod-test');
}
