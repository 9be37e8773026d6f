import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, DECIDER_KINDS, deciderKind, type KubeObject, type Node, type Pod } from '../../../core/index.ts';
import type { Answer } from '../../../sim/replay/answer.ts';
import type { Case, Step } from '../../../sim/replay/case.ts';
import { decideCase } from '../../../sim/replay/decide.ts';

const node = (name: string, cpu = '2'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { allocatable: { cpu, memory: '8Gi', pods: '10' } },
});
const pod = (name: string, cpu: string, spec: Partial<Pod['spec']> = {}, status: Pod['status'] = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }], ...spec },
  status,
});
const decision = (objects: KubeObject[], incoming: Pod): Case => ({ id: 'x', suite: '', objects, pod: incoming });
const sequence = (objects: KubeObject[], ...steps: Step[]): Case => ({ id: 'x', suite: '', objects, steps });

for (const kind of DECIDER_KINDS) {
  const answer = (objects: KubeObject[], incoming: Pod) =>
    decideCase(decision(objects, incoming), kind).answer as Answer;
  const answers = (objects: KubeObject[], ...steps: Step[]) => decideCase(sequence(objects, ...steps), kind).answer;

  test(`decide, ${kind}: one feasible node has no scores`, () => {
    const filter = {
      a: { plugin: 'NodeResourcesFit', code: 'UnschedulableAndUnresolvable', reasons: ['Insufficient cpu'] },
    };
    assert.equal(answer([node('a', '1'), node('b')], pod('p', '2')), {
      result: 'scheduled',
      host: 'b',
      evaluated: 2,
      feasible: 1,
      nodeOrder: ['a', 'b'],
      filter,
    });
  });

  test(`decide, ${kind}: what is recorded does not matter`, () => {
    const recorded = { ...decision([node('a')], pod('p', '1')), expect: { result: 'gated' } };
    assert.is((decideCase(recorded, kind).answer as Answer).result, 'scheduled');
  });

  test(`decide, ${kind}: a gated pod is answered by its gate alone`, () => {
    const gated = pod('p', '1', { schedulingGates: [{ name: 'example.com/hold' }] });
    assert.equal(answer([node('a')], gated), { result: 'gated', plugin: 'SchedulingGates' });
  });

  const promised = (spec: Partial<Pod['spec']>, status: Pod['status'] = {}) =>
    pod('other', '2', spec, { nominatedNodeName: 'a', ...status });
  const nominations = [
    { name: 'keeps its place from a pod of equal priority', other: promised({}), result: 'unschedulable' },
    { name: 'does not while it is gated', other: promised({ schedulingGates: [{ name: 'g' }] }), result: 'scheduled' },
    { name: 'does not once it is finished', other: promised({}, { phase: 'Failed' }), result: 'scheduled' },
    { name: 'does not if another scheduler has it', other: promised({ schedulerName: 'other' }), result: 'scheduled' },
    { name: 'does not from a pod of higher priority', other: promised({ priority: -1 }), result: 'scheduled' },
  ];
  for (const { name, other, result } of nominations) {
    test(`decide, ${kind}: a pending pod with a nominated node ${name}`, () => {
      assert.is(answer([node('a'), other], pod('p', '1')).result, result);
    });
  }

  test(`decide, ${kind}: a quantity that is none is named with its place`, () => {
    const recorded = { ...decision([node('a', 'many')], pod('p', '1')), place: 'cases.jsonl:7' };
    try {
      decideCase(recorded, kind);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ApiError);
      assert.match((error as ApiError).message, /^cases\.jsonl:7: node a: status\.allocatable\.cpu: /);
    }
  });

  test(`decide, ${kind}: a sequence keeps what was placed, and forgets what failed`, () => {
    const steps: Step[] = [
      { op: 'pod', pod: pod('p1', '2') },
      { op: 'pod', pod: pod('p2', '1') },
      { op: 'podDelete', namespace: 'default', name: 'p2' },
      { op: 'podDelete', namespace: 'default', name: 'p1' },
      { op: 'podDelete', namespace: 'default', name: 'p1' },
      { op: 'pod', pod: pod('p3', '1') },
      { op: 'nodeAdd', node: node('b') },
      { op: 'pod', pod: pod('p4', '2') },
      { op: 'nodeDelete', name: 'b' },
      { op: 'podDelete', namespace: 'default', name: 'p4' },
      { op: 'nodeUpdate', node: node('a', '4') },
      { op: 'pod', pod: pod('p5', '3') },
    ];
    const full =
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
    assert.equal(answers([node('a')], ...steps), [
      ['a', 1, 1],
      { message: full },
      'absent',
      'deleted',
      'absent',
      ['a', 1, 1],
      null,
      ['b', 2, 1],
      null,
      'deleted',
      null,
      ['a', 1, 1],
    ]);
  });

  test(`decide, ${kind}: a pod that preempts gets its victims deleted and a second try`, () => {
    const running = pod('low', '2', { nodeName: 'a' });
    const steps: Step[] = [
      { op: 'pod', pod: pod('high', '1', { priority: 5 }) },
      { op: 'podDelete', namespace: 'default', name: 'low' },
      { op: 'pod', pod: pod('next', '1') },
    ];
    assert.equal(answers([node('a'), running], ...steps), [
      {
        message: '0/1 nodes are available: 1 Insufficient cpu.',
        nominated: 'a',
        victims: ['default/low'],
        // biome-ignore lint/suspicious/noThenProperty: the recorded answer calls it so.
        then: ['a', 1, 1],
      },
      'absent',
      ['a', 1, 1],
    ]);
  });
}

test('decider kind: names what there is', () => {
  assert.is(deciderKind('reference'), 'reference');
  assert.throws(() => deciderKind('engines'), /engines is no decider; there are engine, scan, reference/);
  assert.throws(() => deciderKind('oracle'), /oracle is no decider/);
});

test.run();
