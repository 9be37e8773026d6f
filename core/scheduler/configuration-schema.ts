/**
 * The shape of a KubeSchedulerConfiguration: fields, types and ranges. kube-scheduler decodes it strictly, so an
 * unknown field is an error.
 * Source: Kubernetes v1.36, kube-scheduler/config/v1/{types,types_pluginargs}.go, pkg/scheduler/apis/config/validation.
 */
import { nodeAffinity } from '../objects/validate/affinity.ts';
import type { Context } from '../objects/validate/context.ts';
import { qualifiedName } from '../objects/validate/formats.ts';
import {
  anything,
  bool,
  int,
  isAbsent,
  list,
  listAt,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  show,
  text,
  textAt,
} from '../objects/validate/schema.ts';

export const CONFIGURATION_VERSION = 'kubescheduler.config.k8s.io/v1';

/** As the configuration spells them. */
export const POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;
export type Point = (typeof POINTS)[number];

const notEmpty = text((name) => (name === '' ? 'must not be empty' : undefined));

const pluginSet = shape('', {
  enabled: list(shape('', { name: notEmpty, weight: int({ min: 0 }) }, { required: ['name'] })),
  disabled: list(shape('weight:int', { name: notEmpty }, { required: ['name'] })),
});

const plugins = shape('', Object.fromEntries([...POINTS, 'multiPoint', 'placement'].map((name) => [name, pluginSet])));

const percentage = int({ min: 0, max: 100 });

const profile = shape('', {
  schedulerName: notEmpty,
  percentageOfNodesToScore: percentage,
  plugins,
  pluginConfig: list(shape('', { name: notEmpty, args: anything }, { required: ['name'] }), {
    unique: (config) => textAt(config, 'name'),
    uniqueAt: 'name',
  }),
});

const profiles: Schema = (value, context) => {
  list(profile, { unique: (one) => textAt(one, 'schedulerName'), uniqueAt: 'schedulerName' })(value, context);
  if (!Array.isArray(value) || value.length < 2) return;
  value.forEach((one, i) => {
    if (typeof one === 'object' && one !== null && isAbsent(one as PlainObject, 'schedulerName')) {
      context.error('is required where there are several profiles', i, 'schedulerName');
    }
  });
};

/** Fields about running the process: accepted, as they change no decision. */
const OPERATIONAL =
  'apiVersion kind leaderElection clientConnection healthzBindAddress metricsBindAddress enableProfiling:bool ' +
  'enableContentionProfiling:bool delayCacheUntilActive:bool';

export const configuration: Schema = shape(OPERATIONAL, {
  parallelism: int({ min: 1 }),
  percentageOfNodesToScore: percentage,
  podInitialBackoffSeconds: int({ min: 1 }),
  podMaxBackoffSeconds: int({ min: 1 }),
  profiles,
  extenders: (value, context) => {
    if (!Array.isArray(value)) context.error(`${show(value)} is not a list`);
    else if (value.length > 0) context.error('extenders are not supported: decisions would depend on another process');
  },
});

// --- plugin arguments --------------------------------------------------------------------------------------------

const args = (fields: Record<string, Schema>, check?: (args: PlainObject, context: Context) => void): Schema =>
  shape('apiVersion:text kind:text', fields, { check });

const resources = (weight: Schema): Schema =>
  list(shape('', { name: notEmpty, weight }, { required: ['name'] }), {
    unique: (resource) => textAt(resource, 'name'),
    uniqueAt: 'name',
  });

/** 0 stands for the default, which is 1. */
const fitResources = resources(int({ min: 0, max: 100 }));
const balancedResources = resources((value, context) => {
  if (value !== 0 && value !== 1) context.error(`${show(value)} is not 1, the only weight of a balanced resource`);
});

const shapePoints: Schema = (value, context) => {
  list(
    shape(
      '',
      { utilization: int({ min: 0, max: 100 }), score: int({ min: 0, max: 10 }) },
      { required: ['utilization', 'score'] },
    ),
    { min: 1 },
  )(value, context);
  if (!Array.isArray(value)) return;
  const at = (i: number): unknown => (value[i] as PlainObject | null)?.utilization;
  for (let i = 1; i < value.length; i++) {
    const [before, here] = [at(i - 1), at(i)];
    if (typeof before === 'number' && typeof here === 'number' && here <= before) {
      context.error(`${here} is not more than the point before it, ${before}`, i, 'utilization');
    }
  }
};

const scoringStrategy = shape(
  '',
  {
    type: oneOf('LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'),
    resources: fitResources,
    requestedToCapacityRatio: shape('', { shape: shapePoints }),
  },
  {
    required: ['type'],
    check(strategy, context) {
      const ratio = strategy.requestedToCapacityRatio;
      const hasShape = typeof ratio === 'object' && ratio !== null && listAt(ratio as PlainObject, 'shape').length > 0;
      if (strategy.type === 'RequestedToCapacityRatio' && !hasShape) {
        context.error('is required by RequestedToCapacityRatio', 'requestedToCapacityRatio', 'shape');
      }
    },
  },
);

const ignoredGroup = text(
  (group) => qualifiedName(group) ?? (group.includes('/') ? 'must not contain a slash' : undefined),
);

const defaultConstraint = shape(
  '',
  {
    maxSkew: int({ min: 1 }),
    topologyKey: text(qualifiedName),
    whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
  },
  { required: ['maxSkew', 'topologyKey', 'whenUnsatisfiable'] },
);
const uniqueConstraint = ({ topologyKey, whenUnsatisfiable }: PlainObject): string =>
  `${String(topologyKey)}, ${String(whenUnsatisfiable)}`;

const defaultConstraints = list(defaultConstraint, { unique: uniqueConstraint });

/** Plugin → schema of its arguments. A plugin without arguments is not here. */
export const ARGS: ReadonlyMap<string, Schema> = new Map([
  [
    'NodeResourcesFit',
    args({ ignoredResources: list(text(qualifiedName)), ignoredResourceGroups: list(ignoredGroup), scoringStrategy }),
  ],
  ['NodeResourcesBalancedAllocation', args({ resources: balancedResources })],
  [
    'InterPodAffinity',
    args({
      hardPodAffinityWeight: int({ min: 0, max: 100 }),
      ignorePreferredTermsOfExistingPods: bool,
    }),
  ],
  [
    'PodTopologySpread',
    args({ defaultingType: oneOf('System', 'List'), defaultConstraints }, (own, context) => {
      if (own.defaultingType !== 'List' && listAt(own, 'defaultConstraints').length > 0) {
        context.error("must be empty unless defaultingType is 'List'", 'defaultConstraints');
      }
    }),
  ],
  ['NodeAffinity', args({ addedAffinity: nodeAffinity })],
  ['VolumeBinding', args({ bindTimeoutSeconds: int({ min: 0 }) })],
  [
    'DefaultPreemption',
    args({ minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: int({ min: 0 }) }, (own, context) => {
      if (own.minCandidateNodesPercentage === 0 && own.minCandidateNodesAbsolute === 0) {
        context.error('minCandidateNodesPercentage and minCandidateNodesAbsolute cannot both be 0');
      }
    }),
  ],
]);
