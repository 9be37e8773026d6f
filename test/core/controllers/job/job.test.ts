/** The rules of Jobs, one by one: indexes, failures that count and that do not, waiting, ends, and going afterwards. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { accountFor } from '../../../../core/controllers/job/account.ts';
import { rulingOn } from '../../../../core/controllers/job/failure-policy.ts';
import { formatIndexes, nextIndexes, parseIndexes } from '../../../../core/controllers/job/indexes.ts';
import type { Job } from '../../../../core/controllers/job/job-kind.ts';
import { backoffAfter, verdictOn } from '../../../../core/controllers/job/verdict.ts';
import { JOBS } from '../../../../core/controllers/resources.ts';
import { timeText } from '../../../../core/controllers/time.ts';
import { ttlAfterFinishedController } from '../../../../core/controllers/ttl-after-finished/ttl-after-finished.ts';
import type { Pod } from '../../../../core/objects/types.ts';
import { look } from '../../../support/look.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

for (const { text, indexes } of [
  { text: '', indexes: [] },
  { text: '3', indexes: [3] },
  { text: '0,1', indexes: [0, 1] },
  { text: '0-2,5,7,8', indexes: [0, 1, 2, 5, 7, 8] },
]) {
  test(`indexes: ${text || 'none'}`, () => {
    assert.is(formatIndexes(new Set(indexes)), text);
    assert.equal([...parseIndexes(text, 100)], indexes);
  });
}

test('indexes beyond the completions are not there any more', () => {
  assert.equal([...parseIndexes('0-5', 3)], [0, 1, 2]);
});

test('the next indexes are the lowest that are free', () => {
  assert.equal(nextIndexes(2, 5, new Set([0]), new Set([2])), [1, 3]);
  assert.equal(nextIndexes(9, 3, new Set([0, 1]), new Set([2])), []);
});

function pod(name: string, phase: string, more: { code?: number; conditions?: object[]; endedMs?: number } = {}): Pod {
  const finishedAt = timeText(more.endedMs ?? NOW);
  const terminated = { exitCode: more.code ?? (phase === 'Failed' ? 1 : 0), finishedAt };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', uid: name, finalizers: ['batch.kubernetes.io/job-tracking'] },
    spec: { containers: [] },
    status: { phase, conditions: more.conditions ?? [], containerStatuses: [{ name: 'main', state: { terminated } }] },
  } as unknown as Pod;
}

const job = (spec: object = {}, status: object = {}): Job =>
  ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'x', uid: 'j' },
    spec: { completions: 2, parallelism: 2, template: { spec: { containers: [] } }, ...spec },
    status,
  }) as unknown as Job;

const RULES = [
  { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
  { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } },
  { action: 'Count', onExitCodes: { operator: 'NotIn', values: [7] } },
];
for (const { name, failed, action } of [
  { name: 'the first rule that matches decides', failed: pod('p', 'Failed', { code: 42 }), action: 'FailJob' },
  {
    name: 'by a condition',
    failed: pod('p', 'Failed', { code: 42, conditions: [{ type: 'DisruptionTarget', status: 'True' }] }),
    action: 'Ignore',
  },
  {
    name: 'not by a condition that does not hold',
    failed: pod('p', 'Failed', { conditions: [{ type: 'DisruptionTarget', status: 'False' }] }),
    action: 'Count',
  },
  { name: 'without a match it counts', failed: pod('p', 'Failed', { code: 7 }), action: 'Count' },
]) {
  test(`failure policy: ${name}`, () => {
    assert.is(rulingOn(job({ podFailurePolicy: { rules: RULES } }), failed).action, action);
  });
}

test('a pod is counted when its finalizer has gone, and not before', () => {
  const ended = pod('a', 'Succeeded');
  const first = accountFor(job(), [ended], new Set());
  assert.equal(first.uncounted, { succeeded: ['a'], failed: [] });
  assert.is(first.counts.succeeded, 0);
  assert.is(first.succeeded, 1);
  const noted = job({}, { uncountedTerminatedPods: { succeeded: ['a'] } });
  assert.equal(accountFor(noted, [ended], new Set()).release, [ended], 'it is told again to let go');
  const then = accountFor(noted, [ended], new Set(['a']));
  assert.is(then.counts.succeeded, 1);
  assert.equal(then.uncounted.succeeded, []);
  assert.is(accountFor(noted, [], new Set()).counts.succeeded, 1, 'nor is it lost with its pod');
});

for (const { name, of, pods = [], active = [], reason } of [
  { name: 'enough have succeeded', of: job({}, { succeeded: 2 }), reason: 'CompletionsReached' },
  { name: 'one is still missing', of: job({}, { succeeded: 1 }), reason: undefined },
  { name: 'as many failures as it bears', of: job({ backoffLimit: 1 }, { failed: 1 }), reason: undefined },
  { name: 'one more', of: job({ backoffLimit: 1 }, { failed: 2 }), reason: 'BackoffLimitExceeded' },
  {
    name: 'its time is over',
    of: job({ activeDeadlineSeconds: 5 }, { startTime: timeText(NOW - 5000) }),
    reason: 'DeadlineExceeded',
  },
  {
    name: 'no time passes while it is suspended',
    of: job({ activeDeadlineSeconds: 5, suspend: true }, { startTime: timeText(NOW - 5000) }),
    reason: undefined,
  },
  {
    name: 'a work queue is done when one has succeeded and none runs',
    of: job({ completions: undefined }, { succeeded: 1 }),
    reason: 'CompletionsReached',
  },
  {
    name: 'and not while one runs',
    of: job({ completions: undefined }, { succeeded: 1 }),
    active: [pod('r', 'Running')],
    reason: undefined,
  },
] as { name: string; of: Job; pods?: Pod[]; active?: Pod[]; reason: string | undefined }[]) {
  test(`verdict: ${name}`, () => {
    assert.is(verdictOn(of, accountFor(of, pods, new Set()), active, NOW)?.reason, reason);
  });
}

for (const { name, pods, waits } of [
  { name: 'nothing has failed', pods: [pod('a', 'Succeeded')], waits: 0 },
  { name: 'ten seconds after the first failure', pods: [pod('a', 'Failed')], waits: 10_000 },
  { name: 'twice as long after the next', pods: [pod('a', 'Failed'), pod('b', 'Failed')], waits: 20_000 },
  {
    name: 'a success begins anew',
    pods: [pod('a', 'Failed', { endedMs: NOW - 2000 }), pod('b', 'Succeeded', { endedMs: NOW - 1000 })],
    waits: 0,
  },
  { name: 'what has been waited for is over', pods: [pod('a', 'Failed', { endedMs: NOW - 10_000 })], waits: 0 },
]) {
  test(`back-off: ${name}`, () => assert.is(backoffAfter(pods, NOW), waits));
}

const done = { conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: timeText(NOW) }] };
for (const { name, of, atMs, writes, afterMs } of [
  { name: 'stays without a word', of: job({}, done), atMs: NOW, writes: [] },
  { name: 'stays while it is not over', of: job({ ttlSecondsAfterFinished: 5 }), atMs: NOW, writes: [] },
  { name: 'waits', of: job({ ttlSecondsAfterFinished: 5 }, done), atMs: NOW + 1000, writes: [], afterMs: 4000 },
  { name: 'goes', of: job({ ttlSecondsAfterFinished: 5 }, done), atMs: NOW + 5000, writes: ['get', 'delete'] },
] as { name: string; of: Job; atMs: number; writes: string[]; afterMs?: number }[]) {
  test(`after its end a Job ${name}`, () => {
    const looked = look(ttlAfterFinishedController(), 'x/j', [[JOBS, of]], { nowMs: atMs });
    assert.equal(
      looked.writes.map(({ type }) => type),
      writes,
    );
    assert.is(looked.rest?.afterMs, afterMs);
  });
}

test.run();
