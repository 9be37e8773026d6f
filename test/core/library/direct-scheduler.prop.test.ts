/** Laws of the library face, on random clusters under churn, with plugins from outside. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createScheduler } from '../../../core/library/create-scheduler.ts';
import type { DirectScheduler } from '../../../core/library/direct-scheduler.ts';
import type { Pod } from '../../../core/objects/types.ts';
import { Random } from '../../../core/random.ts';
import type { DeciderKind } from '../../../core/scheduler/deciders.ts';
import type { Decision, TieRule } from '../../../core/scheduler/decision.ts';
import { defaultNormalize, type PackedPlugin } from '../../../core/scheduler/framework.ts';
import { defaultProfile } from '../../../core/scheduler/profile.ts';
import { type PluggedProfile, withPlugin } from '../../../core/scheduler/with-plugin.ts';
import type { SequenceCase, Step } from '../../../sim/replay/case.ts';
import { sequenceCases } from '../../support/arbitraries.ts';

type TeamPlugin = PackedPlugin<Int32Array, Int32Array>;

const TEAM = 'example.com/team';
const teamOf = ({ metadata }: Pod): string => metadata.annotations?.[TEAM] ?? '';

/**
 * Team 'red' stays out of rows with a rack and goes where few pods are; the others go where many are. Raw scores are
 * within 0..100, so that both with and without normalisation are lawful.
 */
function teams(normalize: boolean): TeamPlugin {
  const rack: TeamPlugin['preFilter'] = (_pod, { cluster }) => cluster.labelColumn('rack').ids;
  return {
    name: 'Teams',
    scope: 'local',
    classKey: teamOf,
    preFilter: rack,
    filter(racks, { pod }, _view, from, to, rejectedBy, self) {
      if (teamOf(pod) !== 'red') return;
      for (let n = from; n < to; n++) if (racks[n] !== 0) rejectedBy[n] ||= self;
    },
    explain: () => ({ code: 'UnschedulableAndUnresolvable', reasons: ['node(s) had a rack'] }),
    preScore: (_pod, { cluster }) => cluster.labelColumn('rack').ids,
    score(racks, { pod }, { cluster }, feasible, scores) {
      const { podCount } = cluster.columns;
      for (let k = 0; k < scores.length; k++) {
        const pods = Math.min(20, podCount[feasible[k]]);
        scores[k] = (teamOf(pod) === 'red' ? 40 - 2 * pods : 2 * pods) + Math.min(9, racks[feasible[k]]);
      }
    },
    ...(normalize && { normalize: (_facts: Int32Array, scores: Float64Array) => defaultNormalize(scores, true) }),
  };
}

/** Prefers the emptiest of the nodes that fit: how empty depends on all of them. */
const emptiest = (): PackedPlugin => ({
  name: 'Emptiest',
  scope: 'shared',
  classKey: () => '',
  score(_facts, _pod, { cluster }, feasible, scores) {
    const { podCount } = cluster.columns;
    for (let k = 0; k < scores.length; k++) scores[k] = podCount[feasible[k]];
  },
  normalize: (_facts, scores) => defaultNormalize(scores, true),
});

/** Draws one of the nodes that fit: it matters how many there are, in which order, and how often it is asked. */
const drawn = (): PackedPlugin => {
  const random = new Random(9);
  return {
    name: 'Drawn',
    scope: 'shared',
    classKey: () => '',
    preScore: (_pod, _view, feasible) => random.below(feasible.length),
    score(at, _pod, _view, feasible, scores) {
      for (let k = 0; k < feasible.length; k++) scores[k] = k === at ? 100 : 0;
    },
  };
};

interface Play {
  decider: DeciderKind;
  tieRule?: TieRule;
  profile?: PluggedProfile;
  /** Ask about each pod before it is scheduled. */
  whatIfs?: boolean;
}

/** Without nominations, which the engine hands to the scan whatever the plugins. */
function unpromised({ objects, steps, ...rest }: SequenceCase): SequenceCase {
  return {
    ...rest,
    objects: objects.filter((object) => object.kind !== 'Pod' || (object as Pod).spec.nodeName),
    steps: steps.map((step) => {
      if (step.op !== 'pod') return step;
      const { spec, status: _, ...pod } = step.pod;
      return { op: 'pod', pod: { ...pod, spec: { ...spec, preemptionPolicy: 'Never' } } };
    }),
  };
}

interface Played {
  answers: unknown[];
  scans: ReadonlyMap<string, number>;
}

function play({ objects, steps }: SequenceCase, { decider, tieRule, profile, whatIfs = false }: Play): Played {
  // Random objects are not all such as an API server would take.
  const profiles = [profile ?? defaultProfile()];
  const scheduler = createScheduler({ objects, decider, tieRule, profiles, seed: 5, validate: false, defaults: false });
  const pods = new Map<string, Pod>();
  const answers = steps.map((step, i) => take(scheduler, annotated(step, i), pods, whatIfs));
  return { answers, scans: scheduler.scans };
}

/** Pods of one template are of two teams; most are small and plain, so that they fit and share their classes. */
function annotated(step: Step, i: number): Step {
  if (step.op !== 'pod') return step;
  const { metadata, spec } = step.pod;
  const annotations = { [TEAM]: i % 3 === 0 ? 'red' : 'blue' };
  const plain = {
    containers: [{ name: 'main', resources: { requests: { cpu: '10m' } } }],
    priority: 100,
    preemptionPolicy: spec.preemptionPolicy,
  };
  return { op: 'pod', pod: { ...step.pod, metadata: { ...metadata, annotations }, spec: i % 4 === 0 ? spec : plain } };
}

function take(scheduler: DirectScheduler, step: Step, pods: Map<string, Pod>, whatIfs: boolean): unknown {
  switch (step.op) {
    case 'nodeAdd':
    case 'nodeUpdate':
      return scheduler.apply(step.node);
    case 'nodeDelete': {
      const metadata = { name: step.name };
      return scheduler.delete({ apiVersion: 'v1', kind: 'Node', metadata });
    }
    case 'podDelete': {
      const pod = pods.get(step.name);
      return pod && scheduler.delete(pod);
    }
    case 'pod': {
      const { pod } = step;
      if (pod.metadata.deletionTimestamp) return undefined;
      pods.set(pod.metadata.name, pod);
      if (whatIfs) scheduler.schedule(important(pod), { assume: false });
      const asked = whatIfs ? shown(scheduler.schedule(pod, { assume: false })) : undefined;
      const decision = scheduler.schedule(pod);
      const answer = shown(decision);
      if (!decision.host && givesUp(pod)) scheduler.delete(pod); // It gives up, and so does its nomination.
      if (asked) assert.equal(asked, answer, 'the answer is the one that then comes true');
      return answer;
    }
  }
}

/** Another pod like it that may evict all others, and takes their nominations. */
function important(pod: Pod): Pod {
  const metadata = { ...pod.metadata, name: 'question', uid: 'uid-of-question' };
  return { ...pod, metadata, spec: { ...pod.spec, priority: 1000, preemptionPolicy: undefined } };
}

function givesUp({ metadata }: Pod): boolean {
  return /[13579]$/.test(metadata.name);
}

function shown({ host, evaluated, feasible, message, preemption }: Decision): unknown {
  const victims = preemption?.victims.map(({ metadata }) => metadata.name);
  return [host, evaluated, feasible, message, preemption?.nominatedNode, victims];
}

const cases = sequenceCases({ steps: 25, templates: 2 });
const unpromisedCases = cases.map(unpromised);

for (const normalize of [false, true]) {
  const kind = normalize ? 'normalised' : 'raw';
  test(`a local plugin from outside, ${kind}: engine equals scan, and is not handed to it on that account`, () => {
    let decided = 0;
    let scanned = 0;
    const profile = withPlugin(defaultProfile(), teams(normalize), { weight: 3 });
    fc.assert(
      fc.property(unpromisedCases, fc.constantFrom<TieRule>('order', 'first', 'random'), (recorded, tieRule) => {
        const engine = play(recorded, { decider: 'engine', tieRule, profile });
        assert.equal(engine.answers, play(recorded, { decider: 'scan', tieRule, profile }).answers);
        for (const [reason, count] of engine.scans) {
          assert.not.match(reason, /Teams/);
          scanned += count;
        }
        decided += recorded.steps.filter(({ op }) => op === 'pod').length;
      }),
      { numRuns: 300 },
    );
    assert.ok(scanned < 0.7 * decided, `the engine decided some: ${scanned} of ${decided} were scanned`);
  });
}

for (const [kind, plugin] of [
  ['', emptiest],
  [', drawn anew for each pod', drawn],
] as const) {
  test(`a shared score from outside${kind}: engine equals scan, and is not handed to it on that account`, () => {
    let decided = 0;
    let scanned = 0;
    fc.assert(
      fc.property(unpromisedCases, fc.constantFrom<TieRule>('order', 'first', 'random'), (recorded, tieRule) => {
        const profile = withPlugin(withPlugin(defaultProfile(), teams(true)), plugin(), { weight: 5 });
        const engine = play(recorded, { decider: 'engine', tieRule, profile });
        const again = withPlugin(withPlugin(defaultProfile(), teams(true)), plugin(), { weight: 5 });
        assert.equal(engine.answers, play(recorded, { decider: 'scan', tieRule, profile: again }).answers);
        for (const count of engine.scans.values()) scanned += count;
        decided += recorded.steps.filter(({ op }) => op === 'pod').length;
      }),
      { numRuns: 200 },
    );
    assert.ok(scanned < 0.7 * decided, `the engine decided some: ${scanned} of ${decided} were scanned`);
  });
}

test('a shared score from outside that is no whole number is left to the scan, and so is a shared filter', () => {
  const half: PackedPlugin = { ...emptiest(), normalize: (_facts, scores) => scores.fill(0.5) };
  const odd: PackedPlugin = { name: 'Odd', scope: 'shared', classKey: () => '', filter: () => {} };
  const reasons = new Map<string, number>();
  fc.assert(
    fc.property(unpromisedCases, fc.constantFrom(half, odd), (recorded, plugin) => {
      const profile = withPlugin(defaultProfile(), plugin);
      const engine = play(recorded, { decider: 'engine', profile });
      assert.equal(engine.answers, play(recorded, { decider: 'scan', profile }).answers);
      for (const [reason, count] of engine.scans) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }),
    { numRuns: 100 },
  );
  assert.ok((reasons.get('a score is no whole number') ?? 0) > 20, 'the score was met');
  assert.ok((reasons.get('filter Odd is shared') ?? 0) > 20, 'the filter was met');
});

test('deciders agree as placed pods are confirmed, move, and go; victims say where they run', () => {
  let victims = 0;
  fc.assert(
    fc.property(
      sequenceCases({ steps: 40, templates: 3 }),
      fc.constantFrom<DeciderKind>('engine', 'scan'),
      (recorded, decider) => {
        const confirmed = playConfirmed(recorded, decider);
        assert.equal(confirmed.answers, playConfirmed(recorded, 'reference').answers);
        victims += confirmed.victims;
      },
    ),
    { numRuns: 120 },
  );
  assert.ok(victims > 20, `${victims} pods were evicted`);
});

/** After each placement some earlier pod is confirmed, moved, or deleted; victims leave, and their pod is tried again. */
function playConfirmed(
  { objects, steps }: SequenceCase,
  decider: DeciderKind,
): { answers: unknown[]; victims: number } {
  const scheduler = createScheduler({ objects, decider, seed: 5, validate: false, defaults: false });
  const placed: Pod[] = [];
  const pods = new Map<string, Pod>();
  let victims = 0;
  const answers = steps.map((step, i) => {
    if (step.op !== 'pod') return take(scheduler, step, pods, false);
    if (step.pod.metadata.deletionTimestamp) return undefined;
    let decision = scheduler.schedule(step.pod);
    const { preemption } = decision;
    for (const victim of preemption?.victims ?? []) {
      victims++;
      assert.is(victim.spec.nodeName, preemption?.nominatedNode);
      assert.not(victim.status?.nominatedNodeName);
      assert.ok(scheduler.delete(victim));
    }
    if (preemption?.nominatedNode) decision = scheduler.schedule(step.pod);
    const { host } = decision;
    if (host !== undefined) {
      pods.set(step.pod.metadata.name, step.pod);
      placed.push({ ...step.pod, spec: { ...step.pod.spec, nodeName: host } });
      const pod = placed[(i * 7) % placed.length];
      const seenOn = i % 4 === 2 ? host : (pod.spec.nodeName as string);
      const status = i % 3 > 0 ? { phase: 'Running', startTime: `2026-04-01T00:0${i % 4}:00Z` } : pod.status;
      const seen: Pod = { ...pod, spec: { ...pod.spec, nodeName: seenOn }, status };
      if (i % 4 > 0) scheduler.apply(seen);
      if (i % 4 > 0) assert.throws(() => scheduler.schedule(unbound(pod)), placedOn(seenOn));
      if (i % 4 === 0) assert.throws(() => scheduler.schedule(step.pod), placedOn(host));
      if (i % 4 === 3) assert.ok(scheduler.delete(pod));
    }
    return [shown(decision), preemption?.victims.map(({ metadata }) => metadata.name)];
  });
  return { answers, victims };
}

/** What refuses to place the pod again. */
function placedOn(host: string): (error: Error) => boolean {
  return ({ message }) => message.includes(`was placed on ${host} before`);
}

function unbound(pod: Pod): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName: undefined } };
}

test('a question leaves no trace: with a question before each pod, every later answer is the same', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom<DeciderKind>('engine', 'scan', 'reference'), (recorded, decider) => {
      assert.equal(play(recorded, { decider, whatIfs: true }).answers, play(recorded, { decider }).answers);
    }),
    { numRuns: 200 },
  );
});

test.run();
