/**
 * Random clusters in the form of recorded cases: small numbers and few names on purpose, so that exact fits, ties, shared
 * domains and conflicts turn up in every run.
 */
import fc from 'fast-check';
import type { KubeObject, Node, Pod } from '../../core/objects/types.ts';
import type { DecisionCase, SequenceCase, Step } from '../../sim/replay/case.ts';
import { config, others } from './arbitraries/around.ts';
import { nodeArbitrary } from './arbitraries/nodes.ts';
import { podArbitrary } from './arbitraries/pods.ts';
import { NAMESPACES } from './arbitraries/words.ts';

interface Size {
  nodes: number;
  placed: number;
}

function cluster({ nodes, placed }: Size, wide: boolean): fc.Arbitrary<{ objects: KubeObject[]; names: string[] }> {
  return fc.integer({ min: 1, max: nodes }).chain((count) => {
    const names = Array.from({ length: count }, (_, i) => `n${i}`);
    return fc
      .tuple(
        others,
        fc.tuple(...names.map((name) => nodeArbitrary(name, wide))),
        fc
          .integer({ min: 0, max: placed })
          .chain((pods) =>
            fc.tuple(
              ...Array.from({ length: pods }, (_, i) => podArbitrary(`e${i}`, { on: [...names, 'ghost'], wide })),
            ),
          ),
        fc
          .integer({ min: 0, max: 2 })
          .chain((pods) =>
            fc.tuple(...Array.from({ length: pods }, (_, i) => podArbitrary(`w${i}`, { nominatedTo: names, wide }))),
          ),
      )
      .map(([others, nodes, placed, waiting]) => ({ objects: [...others, ...nodes, ...placed, ...waiting], names }));
  });
}

/** One pod on a random cluster. `wide`: amounts that doubles cannot hold. */
export function decisionCases({ wide = false, size = { nodes: 7, placed: 10 } } = {}): fc.Arbitrary<DecisionCase> {
  return fc
    .record({ cluster: cluster(size, wide), pod: podArbitrary('incoming', { wide }), config })
    .map(({ cluster, pod, config }) => ({ id: 'random', suite: 'random', config, objects: cluster.objects, pod }));
}

/** What can happen to a cluster: for tests that drive one without a scheduler. */
export type ClusterEvent =
  | { op: 'node'; node: Node }
  | { op: 'nodeGone'; name: string }
  | { op: 'pod'; pod: Pod }
  | { op: 'podGone'; key: string };

/** Few names, so that the same node and pod come, change, leave and come again. */
export function clusterEvents(length: number, alwaysWide = false): fc.Arbitrary<ClusterEvent[]> {
  const names = ['n0', 'n1', 'n2', 'n3'];
  const name = fc.constantFrom(...names);
  const number = fc.integer({ min: 0, max: 7 });
  const wide = fc.oneof({ weight: 5, arbitrary: fc.constant(alwaysWide) }, { weight: 1, arbitrary: fc.constant(true) });
  const event: fc.Arbitrary<ClusterEvent> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .tuple(name, fc.boolean())
        .chain(([n, wide]) => nodeArbitrary(n, wide))
        .map((node): ClusterEvent => ({ op: 'node', node })),
    },
    { weight: 1, arbitrary: name.map((gone): ClusterEvent => ({ op: 'nodeGone', name: gone })) },
    {
      weight: 6,
      arbitrary: fc
        .tuple(number, wide)
        .chain(([i, wide]) => podArbitrary(`p${i}`, { on: [...names, 'ghost'], wide }))
        .map((pod): ClusterEvent => ({ op: 'pod', pod })),
    },
    { weight: 2, arbitrary: number.map((i): ClusterEvent => ({ op: 'podGone', key: `uid-p${i}` })) },
  );
  return fc.array(event, { maxLength: length, size: 'max' }); // Long ones too: churn is the point.
}

/**
 * Pods come and go while nodes come, change and leave. `templates`: pods are copies of so few, so that what a decider
 * remembers of a pod's like is put to use; with 0 every pod is another.
 */
export function sequenceCases({
  size = { nodes: 6, placed: 6 },
  steps = 14,
  templates = 0,
} = {}): fc.Arbitrary<SequenceCase> {
  if (templates > 0) return templatedSequences(size, steps, templates);
  const node = fc.integer({ min: 0, max: 8 }).map((i) => `n${i}`);
  const step = (i: number): fc.Arbitrary<Step> =>
    fc.oneof(
      { weight: 6, arbitrary: podArbitrary(`p${i}`, { wide: false }).map((pod): Step => ({ op: 'pod', pod })) },
      {
        weight: 2,
        arbitrary: node
          .chain((name) => nodeArbitrary(name, false))
          .chain((node) => fc.constantFrom<Step>({ op: 'nodeAdd', node }, { op: 'nodeUpdate', node })),
      },
      { weight: 1, arbitrary: node.map((name): Step => ({ op: 'nodeDelete', name })) },
      {
        weight: 2,
        arbitrary: fc
          .record({
            namespace: fc.constantFrom(...NAMESPACES),
            name: fc.integer({ min: 0, max: steps }).map((n) => `p${n}`),
          })
          .map((pod): Step => ({ op: 'podDelete', ...pod })),
      },
    );
  return fc
    .record({
      cluster: cluster(size, false),
      steps: fc.tuple(...Array.from({ length: steps }, (_, i) => step(i))),
      config,
    })
    .map(({ cluster, steps, config }) => ({ id: 'random', suite: 'random', config, objects: cluster.objects, steps }));
}

function templatedSequences(size: Size, steps: number, templates: number): fc.Arbitrary<SequenceCase> {
  const pods = fc.tuple(...Array.from({ length: templates }, (_, i) => podArbitrary(`t${i}`, { wide: false })));
  return fc
    .record({
      pods,
      base: sequenceCases({ size, steps }),
      picks: fc.array(fc.nat(templates - 1), { minLength: steps, maxLength: steps }),
    })
    .map(({ pods, base, picks }) => ({
      ...base,
      steps: base.steps.map((step, i): Step => {
        if (step.op !== 'pod') return step;
        const { metadata, ...rest } = structuredClone(pods[picks[i]]);
        return { op: 'pod', pod: { ...rest, metadata: { ...metadata, name: `p${i}`, uid: `uid-p${i}` } } };
      }),
    }));
}
