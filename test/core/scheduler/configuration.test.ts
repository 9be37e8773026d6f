/** KubeSchedulerConfiguration: how plugin sets merge, what arguments mean, and what is refused, with its place. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatProblem } from '../../../core/errors.ts';
import {
  profilesFromConfiguration,
  profilesFromRecorded,
  profilesFromText,
} from '../../../core/scheduler/configuration.ts';
import { defaultArgs, defaultProfile, type Profile } from '../../../core/scheduler/profile.ts';
import { sharedPath } from '../../support/shared.ts';

type Value = Record<string, unknown>;

function profileOf(profile: Value): Profile {
  const { profiles, problems } = profilesFromRecorded({ profiles: [profile] }, 'c');
  assert.equal(problems.map(formatProblem), []);
  return profiles[0];
}
const problemsOf = (config: unknown): string[] => profilesFromRecorded(config, 'c').problems.map(formatProblem);
const enabled = (...names: string[]) => ({ enabled: names.map((name) => ({ name })) });
const disabled = (...names: string[]) => ({ disabled: names.map((name) => ({ name })) });

// --- plugins -------------------------------------------------------------------------------------------------------

test('no configuration is the default profile', () => {
  for (const config of [undefined, null, {}, { profiles: [] }, { profiles: [{ plugins: {} }] }]) {
    assert.equal(profilesFromRecorded(config, 'c').profiles, [defaultProfile()]);
  }
});

const plain = defaultProfile();
const weights = (profile: Profile): Record<string, number> =>
  Object.fromEntries(profile.score.map(({ name, weight }) => [name, weight]));
const without = (names: readonly string[], ...gone: string[]): string[] => names.filter((name) => !gone.includes(name));

const merges: { name: string; plugins: Value; read: (profile: Profile) => unknown; is: unknown }[] = [
  {
    name: 'a weight at multiPoint keeps the place',
    plugins: { multiPoint: { enabled: [{ name: 'NodeAffinity', weight: 9 }] } },
    read: ({ score }) => score.slice(0, 3),
    is: [
      { name: 'TaintToleration', weight: 3 },
      { name: 'NodeAffinity', weight: 9 },
      { name: 'NodeResourcesFit', weight: 1 },
    ],
  },
  {
    name: 'configured again without a weight, a plugin weighs 1',
    plugins: { multiPoint: enabled('TaintToleration') },
    read: ({ score }) => score[0],
    is: { name: 'TaintToleration', weight: 1 },
  },
  {
    name: 'a point of its own overrides multiPoint, and goes first there',
    plugins: { score: { enabled: [{ name: 'ImageLocality', weight: 5 }] } },
    read: ({ score }) => [score[0], score.length],
    is: [{ name: 'ImageLocality', weight: 5 }, plain.score.length],
  },
  {
    name: 'in the order of the point',
    plugins: { filter: enabled('NodePorts', 'NodeName') },
    read: ({ filter }) => filter,
    is: ['NodePorts', 'NodeName', ...without(plain.filter, 'NodePorts', 'NodeName')],
  },
  {
    name: 'switched off at one point only',
    plugins: { score: disabled('NodeAffinity') },
    read: (profile) => [
      weights(profile).NodeAffinity,
      profile.filter.includes('NodeAffinity'),
      profile.preScore.includes('NodeAffinity'),
    ],
    is: [undefined, true, true],
  },
  {
    name: 'switched off everywhere',
    plugins: { multiPoint: disabled('NodeAffinity') },
    read: (profile) => [
      weights(profile).NodeAffinity,
      profile.filter.includes('NodeAffinity'),
      profile.preFilter.includes('NodeAffinity'),
    ],
    is: [undefined, false, false],
  },
  {
    name: 'switched off everywhere, and on at one point, it goes last there',
    plugins: { multiPoint: disabled('NodeName'), filter: enabled('NodeName') },
    read: ({ filter }) => filter,
    is: [...without(plain.filter, 'NodeName'), 'NodeName'],
  },
  {
    name: 'all switched off at a point',
    plugins: { score: disabled('*') },
    read: ({ score, filter }) => [score, filter.length],
    is: [[], plain.filter.length],
  },
  {
    name: 'all but one',
    plugins: { score: { ...disabled('*'), enabled: [{ name: 'ImageLocality', weight: 0 }] } },
    read: ({ score }) => score,
    is: [{ name: 'ImageLocality', weight: 1 }],
  },
  {
    name: 'all switched off, and the needful switched on',
    plugins: { multiPoint: { ...disabled('*'), ...enabled('PrioritySort', 'DefaultBinder', 'NodeResourcesFit') } },
    read: ({ filter, score, postFilter }) => [filter, score, postFilter],
    is: [['NodeResourcesFit'], [{ name: 'NodeResourcesFit', weight: 1 }], []],
  },
  {
    name: 'switched off and on again, a plugin goes to the end',
    plugins: { multiPoint: { ...disabled('NodeName'), ...enabled('NodeName') } },
    read: ({ filter }) => filter.at(-1),
    is: 'NodeName',
  },
];
for (const { name, plugins, read, is } of merges) {
  test(`plugins: ${name}`, () => assert.equal(read(profileOf({ plugins })), is));
}

// --- arguments -----------------------------------------------------------------------------------------------------

const config = (name: string, args: unknown) => ({ pluginConfig: [{ name, args }] });
const usual = defaultArgs();
const both = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];
const args: { name: string; profile: Value; read: (profile: Profile) => unknown; is: unknown }[] = [
  {
    name: 'a strategy without resources takes cpu and memory',
    profile: config('NodeResourcesFit', { scoringStrategy: { type: 'MostAllocated' } }),
    read: ({ args }) => args.nodeResourcesFit,
    is: { ...usual.nodeResourcesFit, type: 'MostAllocated', resources: both },
  },
  {
    name: 'a weight of 0 is 1',
    profile: config('NodeResourcesFit', {
      scoringStrategy: {
        type: 'LeastAllocated',
        resources: [{ name: 'cpu', weight: 0 }, { name: 'memory' }, { name: 'x.com/y', weight: 100 }],
      },
    }),
    read: ({ args }) => args.nodeResourcesFit.resources.map(({ weight }) => weight),
    is: [1, 1, 100],
  },
  {
    name: 'the shape of a ratio',
    profile: config('NodeResourcesFit', {
      scoringStrategy: {
        type: 'RequestedToCapacityRatio',
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 10 },
            { utilization: 100, score: 0 },
          ],
        },
      },
    }),
    read: ({ args }) => args.nodeResourcesFit.shape,
    is: [
      { utilization: 0, score: 10 },
      { utilization: 100, score: 0 },
    ],
  },
  {
    name: 'ignored resources',
    profile: config('NodeResourcesFit', { ignoredResources: ['a.com/b'], ignoredResourceGroups: ['c.com'] }),
    read: ({ args }) => args.nodeResourcesFit,
    is: { ...usual.nodeResourcesFit, ignoredResources: ['a.com/b'], ignoredResourceGroups: ['c.com'] },
  },
  {
    name: 'balanced resources',
    profile: config('NodeResourcesBalancedAllocation', { resources: [{ name: 'x.com/y', weight: 1 }] }),
    read: ({ args }) => args.nodeResourcesBalancedAllocation,
    is: { resources: [{ name: 'x.com/y', weight: 1 }] },
  },
  {
    name: 'pod affinity, one of two',
    profile: config('InterPodAffinity', { hardPodAffinityWeight: 0 }),
    read: ({ args }) => args.interPodAffinity,
    is: { hardPodAffinityWeight: 0, ignorePreferredTermsOfExistingPods: false },
  },
  {
    name: 'default constraints',
    profile: config('PodTopologySpread', {
      defaultingType: 'List',
      defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    }),
    read: ({ args }) => args.podTopologySpread,
    is: {
      defaultingType: 'List',
      defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    },
  },
  {
    name: 'an empty list of constraints is no default',
    profile: config('PodTopologySpread', { defaultingType: 'List' }),
    read: ({ args }) => args.podTopologySpread,
    is: { defaultingType: 'List', defaultConstraints: [] },
  },
  {
    name: 'an added affinity',
    profile: config('NodeAffinity', {
      addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
    }),
    read: ({ args }) => args.nodeAffinity.addedAffinity,
    is: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } },
  },
  {
    name: 'preemption',
    profile: config('DefaultPreemption', { minCandidateNodesPercentage: 0 }),
    read: ({ args }) => args.defaultPreemption,
    is: { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 100 },
  },
  { name: 'no arguments', profile: config('ImageLocality', undefined), read: ({ args }) => args, is: usual },
];
for (const { name, profile, read, is } of args) {
  test(`arguments: ${name}`, () => assert.equal(read(profileOf(profile)), is));
}

const percentages: { name: string; config: Value; is: number[] }[] = [
  { name: 'absent, all nodes are scored', config: {}, is: [100] },
  { name: 'an explicit 0 adapts', config: { percentageOfNodesToScore: 0 }, is: [0] },
  { name: 'null is absent', config: { percentageOfNodesToScore: null }, is: [100] },
  {
    name: 'a profile overrides',
    config: {
      percentageOfNodesToScore: 30,
      profiles: [{ schedulerName: 'a' }, { schedulerName: 'b', percentageOfNodesToScore: 0 }],
    },
    is: [30, 0],
  },
];
for (const { name, config, is } of percentages) {
  test(`percentageOfNodesToScore: ${name}`, () => {
    assert.equal(
      profilesFromRecorded(config, 'c').profiles.map((profile) => profile.percentageOfNodesToScore),
      is,
    );
  });
}

test('the queue takes its backoff from the configuration', () => {
  const { queue } = profilesFromRecorded({ podInitialBackoffSeconds: 2 }, 'c');
  assert.equal(queue, { podInitialBackoffSeconds: 2, podMaxBackoffSeconds: 10 });
});

// --- what is refused -----------------------------------------------------------------------------------------------

const UNKNOWN = "only those of kube-scheduler's default profile are";
const P = 'c: profiles[0]';
const A = `${P}.pluginConfig[0].args`;
const fit = (strategy: Value) => ({ profiles: [config('NodeResourcesFit', { scoringStrategy: strategy })] });
const argsOf = (name: string, given: unknown) => ({ profiles: [config(name, given)] });
const refused: { name: string; config: unknown; problems: string[] }[] = [
  { name: 'not an object', config: 'x', problems: ["c: 'x' is not a KubeSchedulerConfiguration"] },
  {
    name: 'extenders',
    config: { extenders: [{ urlPrefix: 'http://x' }] },
    problems: ['c: extenders: extenders are not supported: decisions would depend on another process'],
  },
  { name: 'a field nobody knows', config: { percentage: 5 }, problems: ['c: percentage: unknown field'] },
  {
    name: 'a percentage above 100',
    config: { percentageOfNodesToScore: 101 },
    problems: ['c: percentageOfNodesToScore: 101 is more than 100'],
  },
  {
    name: 'no backoff',
    config: { podInitialBackoffSeconds: 0 },
    problems: ['c: podInitialBackoffSeconds: 0 is less than 1'],
  },
  {
    name: 'a backoff that ends before it begins',
    config: { podInitialBackoffSeconds: 11 },
    problems: ['c: podMaxBackoffSeconds: is less than podInitialBackoffSeconds, 11'],
  },
  {
    name: 'one scheduler twice',
    config: { profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
    problems: ["c: profiles[1].schedulerName: duplicate 'a'"],
  },
  {
    name: 'a nameless profile among several',
    config: { profiles: [{ schedulerName: 'a' }, {}] },
    problems: ['c: profiles[1].schedulerName: is required where there are several profiles'],
  },
  {
    name: 'a plugin nobody knows',
    config: { profiles: [{ plugins: { score: enabled('Fast') } }] },
    problems: [`${P}.plugins.score.enabled[0].name: no plugin 'Fast' is known; ${UNKNOWN}`],
  },
  {
    name: 'a plugin at a point where it does nothing',
    config: { profiles: [{ plugins: { score: enabled('NodeName') } }] },
    problems: [`${P}.plugins.score.enabled: NodeName has no part in score`],
  },
  {
    name: 'a plugin twice',
    config: { profiles: [{ plugins: { filter: enabled('NodeName', 'NodeName') } }] },
    problems: [`${P}.plugins.filter.enabled: NodeName is enabled twice`],
  },
  {
    name: 'a plugin twice at multiPoint',
    config: { profiles: [{ plugins: { multiPoint: enabled('NodeName', 'NodeName') } }] },
    problems: [`${P}.plugins.multiPoint.enabled: NodeName is enabled twice`],
  },
  {
    name: 'no order of the queue',
    config: { profiles: [{ plugins: { queueSort: disabled('*') } }] },
    problems: [`${P}.plugins.queueSort: must be PrioritySort alone`],
  },
  {
    name: 'nobody to bind',
    config: { profiles: [{ plugins: { bind: disabled('DefaultBinder') } }] },
    problems: [`${P}.plugins.bind: must be DefaultBinder alone`],
  },
  {
    name: 'a point nobody knows',
    config: { profiles: [{ plugins: { scores: {} } }] },
    problems: [`${P}.plugins.scores: unknown field`],
  },
  {
    name: 'a negative weight',
    config: { profiles: [{ plugins: { score: { enabled: [{ name: 'ImageLocality', weight: -1 }] } } }] },
    problems: [`${P}.plugins.score.enabled[0].weight: -1 is less than 0`],
  },
  {
    name: 'arguments of a plugin nobody knows',
    config: argsOf('Fast', {}),
    problems: [`${P}.pluginConfig[0].name: no plugin 'Fast' is known; ${UNKNOWN}`],
  },
  {
    name: 'arguments of a plugin that takes none',
    config: argsOf('DynamicResources', { filterTimeout: '5s' }),
    problems: [`${A}: arguments of DynamicResources are not supported`],
  },
  {
    name: 'arguments twice',
    config: { profiles: [{ pluginConfig: [{ name: 'NodeAffinity' }, { name: 'NodeAffinity' }] }] },
    problems: [`${P}.pluginConfig[1].name: duplicate 'NodeAffinity'`],
  },
  {
    name: 'arguments of another kind',
    config: argsOf('InterPodAffinity', { kind: 'NodeAffinityArgs' }),
    problems: [`${A}.kind: 'NodeAffinityArgs' is not InterPodAffinityArgs`],
  },
  {
    name: 'an argument nobody knows',
    config: argsOf('InterPodAffinity', { weight: 1 }),
    problems: [`${A}.weight: unknown field`],
  },
  {
    name: 'a hard weight above 100',
    config: argsOf('InterPodAffinity', { hardPodAffinityWeight: 101 }),
    problems: [`${A}.hardPodAffinityWeight: 101 is more than 100`],
  },
  { name: 'a strategy without a type', config: fit({}), problems: [`${A}.scoringStrategy.type: is required`] },
  {
    name: 'a strategy nobody knows',
    config: fit({ type: 'Best' }),
    problems: [
      `${A}.scoringStrategy.type: 'Best' is not one of LeastAllocated, MostAllocated, RequestedToCapacityRatio`,
    ],
  },
  {
    name: 'a resource weight above 100',
    config: fit({ type: 'LeastAllocated', resources: [{ name: 'cpu', weight: 101 }] }),
    problems: [`${A}.scoringStrategy.resources[0].weight: 101 is more than 100`],
  },
  {
    name: 'a ratio without a shape',
    config: fit({ type: 'RequestedToCapacityRatio' }),
    problems: [`${A}.scoringStrategy.requestedToCapacityRatio.shape: is required by RequestedToCapacityRatio`],
  },
  {
    name: 'a shape that does not rise',
    config: fit({
      type: 'RequestedToCapacityRatio',
      requestedToCapacityRatio: {
        shape: [
          { utilization: 50, score: 0 },
          { utilization: 50, score: 11 },
        ],
      },
    }),
    problems: [
      `${A}.scoringStrategy.requestedToCapacityRatio.shape[1].score: 11 is more than 10`,
      `${A}.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: 50 is not more than the point before it, 50`,
    ],
  },
  {
    name: 'a balanced weight other than 1',
    config: argsOf('NodeResourcesBalancedAllocation', { resources: [{ name: 'cpu', weight: 2 }] }),
    problems: [`${A}.resources[0].weight: 2 is not 1, the only weight of a balanced resource`],
  },
  {
    name: 'constraints beside the system ones',
    config: argsOf('PodTopologySpread', {
      defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    }),
    problems: [`${A}.defaultConstraints: must be empty unless defaultingType is 'List'`],
  },
  {
    name: 'a constraint with a selector',
    config: argsOf('PodTopologySpread', {
      defaultingType: 'List',
      defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} }],
    }),
    problems: [`${A}.defaultConstraints[0].labelSelector: unknown field`],
  },
  {
    name: 'an added affinity without terms',
    config: argsOf('NodeAffinity', {
      addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
    }),
    problems: [
      `${A}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: must not be empty`,
    ],
  },
  {
    name: 'no candidates at all',
    config: argsOf('DefaultPreemption', { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 }),
    problems: [`${A}: minCandidateNodesPercentage and minCandidateNodesAbsolute cannot both be 0`],
  },
];
for (const { name, config, problems } of refused) {
  test(`refused: ${name}`, () => {
    assert.equal(problemsOf(config), problems);
    assert.equal(profilesFromRecorded(config, 'c').profiles, []);
  });
}

test('a plugin that is switched off without being there is only mentioned', () => {
  const found = profilesFromRecorded({ profiles: [{ plugins: { score: disabled('Gone') } }] }, 'c');
  assert.equal(found.problems.map(formatProblem), [
    `c: warning: profiles[0].plugins.score.disabled[0].name: no plugin 'Gone' is known; ${UNKNOWN}`,
  ]);
  assert.equal(found.profiles, [defaultProfile()]);
});

// --- files ---------------------------------------------------------------------------------------------------------

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const files: { name: string; text: string; problems: string[] }[] = [
  { name: 'only its type', text: HEAD, problems: [] },
  {
    name: 'fields about the process',
    text: `${HEAD}parallelism: 16\nleaderElection: {leaderElect: false}\nclientConnection: {kubeconfig: x}\n`,
    problems: [],
  },
  {
    name: 'an older version',
    text: HEAD.replace('/v1', '/v1beta3'),
    problems: [
      "c:1:13: apiVersion: 'kubescheduler.config.k8s.io/v1beta3' is not kubescheduler.config.k8s.io/v1, the only version left",
    ],
  },
  {
    name: 'another kind',
    text: 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n',
    problems: ["c:2:7: kind: 'ConfigMap' is not KubeSchedulerConfiguration"],
  },
  {
    name: 'two documents',
    text: `${HEAD}---\n${HEAD}`,
    problems: ['c: holds 2 documents; a scheduler has one configuration'],
  },
  { name: 'nothing', text: '', problems: ['c: is empty'] },
  { name: 'a tab', text: `${HEAD}profiles:\n\t- {}\n`, problems: ['c:4:1: a tab cannot indent; use spaces'] },
  {
    name: 'the place of a mistake',
    text: `${HEAD}profiles:\n- schedulerName: a\n  percentageOfNodesToScore: -1\n`,
    problems: ['c:5:29: profiles[0].percentageOfNodesToScore: -1 is less than 0'],
  },
];
for (const { name, text, problems } of files) {
  test(`file: ${name}`, () => assert.equal(profilesFromText(text, 'c').problems.map(formatProblem), problems));
}

test('a parsed file needs its type as well', () => {
  assert.equal(profilesFromConfiguration({}, 'c').problems.map(formatProblem), [
    'c: kind: nothing is not KubeSchedulerConfiguration',
  ]);
});

const vectors = sharedPath('vectors');
if (vectors) {
  test('every recorded configuration is honoured', () => {
    const configs = new Set<string>();
    for (const file of readdirSync(vectors).filter((name) => /^(fit|strat|node|inter|spread).*\.gz$/.test(name))) {
      for (const line of gunzipSync(readFileSync(join(vectors, file)))
        .toString()
        .trim()
        .split('\n')) {
        configs.add(JSON.stringify(JSON.parse(line).config ?? null));
      }
    }
    assert.ok(configs.size > 100, `${configs.size} configurations`);
    for (const text of configs) assert.equal(problemsOf(JSON.parse(text)), [], text);
  });
}

test.run();
