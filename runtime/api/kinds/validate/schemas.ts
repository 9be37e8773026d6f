/**
 * Rules for kinds the scheduler does not read: configuration, rights, network, limits, autoscaling, events. Types have
 * been checked before, so that these say what a value must be. Source: Kubernetes v1.36, validation.go of each group.
 */
import {
  anything,
  type Context,
  dns1035Label,
  dnsSubdomain,
  int,
  int64,
  isAbsent,
  labelSelector,
  list,
  listAt,
  mapBy,
  mapOf,
  metadata,
  type ObjectOptions,
  object,
  objectAt,
  oneOf,
  type PlainObject,
  pathSegment,
  podTemplate,
  portName,
  portNumber,
  qualifiedName,
  quantity,
  type Schema,
  show,
  type TextRule,
  text,
  textAt,
} from '../../../../core/objects/index.ts';
import { OF_KEY } from './causes.ts';

interface Options extends ObjectOptions {
  name?: TextRule;
}

/** The fields named here are looked at, all others are kept. */
function kind(fields: Record<string, Schema>, { name = dnsSubdomain, ...options }: Options = {}): Schema {
  const table = new Map(Object.entries({ metadata: metadata(name), ...fields }));
  return object(table, { ...options, open: true, required: ['metadata', ...(options.required ?? [])] });
}

const open = (fields: Record<string, Schema>, options: ObjectOptions = {}): Schema =>
  object(new Map(Object.entries(fields)), { ...options, open: true });

// --- configuration -------------------------------------------------------------------------------------------------

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const CONFIG_KEY_RULE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' " +
  "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
/** Its problems begin with words that causes.ts knows: they are about the key, not about the value. */
const configKey: TextRule = (key) => {
  if (key.length > 253) return `${OF_KEY}must be no more than 253 characters`;
  if (!CONFIG_KEY.test(key)) return `${OF_KEY}${CONFIG_KEY_RULE}`;
  if (key === '.' || key === '..') return `${OF_KEY}must not be '${key}'`;
  return key.startsWith('..') ? `${OF_KEY}must not start with '..'` : undefined;
};

const CONFIG_LIMIT = 1024 * 1024;

function checkConfigSize(fields: readonly string[]) {
  return (config: PlainObject, context: Context): void => {
    let size = 0;
    for (const field of fields) {
      for (const value of Object.values(objectAt(config, field) ?? {})) {
        size += typeof value === 'string' ? Buffer.byteLength(value) : 0;
      }
    }
    if (size > CONFIG_LIMIT) context.error(`holds ${size} bytes; at most ${CONFIG_LIMIT} are allowed`, fields[0]);
    if (fields.length < 2) return;
    for (const key of Object.keys(objectAt(config, fields[0]) ?? {})) {
      if (objectAt(config, fields[1]) && Object.hasOwn(objectAt(config, fields[1]) ?? {}, key)) {
        context.error(`duplicate of key present in ${fields[0]}`, fields[1], key);
      }
    }
  };
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const base64 = text((value) => (BASE64.test(value) && value.length % 4 === 0 ? undefined : 'is not base64'));

const configMap = kind(
  { data: mapOf(text(), configKey), binaryData: mapOf(base64, configKey) },
  { check: checkConfigSize(['data', 'binaryData']) },
);

const SECRET_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);

const secret = kind(
  { data: mapOf(base64, configKey) },
  {
    check(config, context) {
      checkConfigSize(['data'])(config, context);
      const data = objectAt(config, 'data') ?? {};
      const type = textAt(config, 'type') ?? '';
      for (const key of SECRET_KEYS.get(type) ?? []) {
        if (!Object.hasOwn(data, key)) context.error('is required', 'data', key);
      }
      if (type === 'kubernetes.io/basic-auth' && !['username', 'password'].some((key) => Object.hasOwn(data, key))) {
        context.error('is required', 'data', 'username');
      }
      checkAccountName(type, config, context);
    },
  },
);

function checkAccountName(type: string, config: PlainObject, context: Context): void {
  if (type !== 'kubernetes.io/service-account-token') return;
  const annotations = objectAt(objectAt(config, 'metadata') ?? {}, 'annotations') ?? {};
  const key = 'kubernetes.io/service-account.name';
  if (!annotations[key]) context.error('is required', 'metadata', 'annotations', key);
}

// --- rights --------------------------------------------------------------------------------------------------------

const policyRule = (namespaced: boolean): Schema =>
  open(
    { verbs: list(text(), { min: 1 }) },
    {
      required: ['verbs'],
      check(rule, context) {
        const has = (field: string): boolean => Array.isArray(rule[field]) && rule[field].length > 0;
        if (has('nonResourceURLs')) {
          if (namespaced) context.error('namespaced rules cannot apply to non-resource URLs', 'nonResourceURLs');
          if (has('apiGroups') || has('resources') || has('resourceNames')) {
            context.error('rules cannot apply to both regular resources and non-resource URLs', 'nonResourceURLs');
          }
          return;
        }
        if (!has('apiGroups')) context.error('is required', 'apiGroups');
        if (!has('resources')) context.error('is required', 'resources');
      },
    },
  );

const RBAC = 'rbac.authorization.k8s.io';

function checkSubject(namespaced: boolean) {
  return (subject: PlainObject, context: Context): void => {
    const group = textAt(subject, 'apiGroup') ?? '';
    if (subject.kind === 'ServiceAccount') {
      if (group !== '') context.error(`${show(group)} is not one of `, 'apiGroup');
      if (!namespaced && isAbsent(subject, 'namespace')) context.error('is required', 'namespace');
      const complaint = isAbsent(subject, 'name') ? undefined : dnsSubdomain(String(subject.name));
      if (complaint) context.error(complaint, 'name');
    } else if (subject.kind === 'User' || subject.kind === 'Group') {
      if (group !== RBAC) context.error(`${show(group)} is not one of ${RBAC}`, 'apiGroup');
    } else {
      context.error(`${show(subject.kind)} is not one of ServiceAccount, User, Group`, 'kind');
    }
  };
}

function binding(namespaced: boolean): Schema {
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  return kind(
    {
      roleRef: open(
        { apiGroup: oneOf(RBAC), kind: oneOf(...kinds), name: text(pathSegment) },
        { required: ['kind', 'name'] },
      ),
      subjects: list(open({}, { required: ['name'], check: checkSubject(namespaced) })),
    },
    { name: pathSegment, required: ['roleRef'] },
  );
}

// --- network -------------------------------------------------------------------------------------------------------

const serviceBackend = open(
  {
    name: text(dns1035Label),
    port: open(
      {},
      {
        check(port, context) {
          const given = ['name', 'number'].filter((field) => !isAbsent(port, field) && port[field] !== 0);
          if (given.length === 0) context.error('is required: port name or number is required');
          if (given.length > 1) context.error('cannot set both port name & port number');
        },
      },
    ),
  },
  { required: ['name'] },
);

const ingressBackend = open(
  { service: serviceBackend },
  {
    check(backend, context) {
      const given = ['service', 'resource'].filter((field) => !isAbsent(backend, field));
      if (given.length === 0) context.error('is required: either service or resource');
      if (given.length > 1) context.error('cannot set both resource and service backends');
    },
  },
);

const ingressPath = open(
  { pathType: oneOf('Exact', 'Prefix', 'ImplementationSpecific'), backend: ingressBackend },
  {
    required: ['pathType', 'backend'],
    check(path, context) {
      const at = textAt(path, 'path') ?? '';
      if ((path.pathType === 'Exact' || path.pathType === 'Prefix') && !at.startsWith('/')) {
        context.error('must be an absolute path', 'path');
      }
    },
  },
);

const ingressHost = text((host) => (host === '' ? undefined : dnsSubdomain(host.replace(/^\*\./, ''))));

const ingress = kind({
  spec: open(
    {
      defaultBackend: ingressBackend,
      rules: list(
        open({ host: ingressHost, http: open({ paths: list(ingressPath, { min: 1 }) }, { required: ['paths'] }) }),
      ),
      tls: list(open({ hosts: list(ingressHost) })),
    },
    {
      check(spec, context) {
        if (listAt(spec, 'rules').length === 0 && isAbsent(spec, 'defaultBackend')) {
          context.error('either `defaultBackend` or `rules` must be specified');
        }
      },
    },
  ),
});

const policyPeer = open(
  {
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    ipBlock: open(
      { cidr: text((block) => (/^[0-9a-fA-F.:]+\/\d+$/.test(block) ? undefined : 'is not a CIDR')) },
      { required: ['cidr'] },
    ),
  },
  {
    check(peer, context) {
      const selects = !isAbsent(peer, 'podSelector') || !isAbsent(peer, 'namespaceSelector');
      if (!selects && isAbsent(peer, 'ipBlock')) context.error('is required: must specify a peer');
      if (selects && !isAbsent(peer, 'ipBlock')) context.error('may not specify both ipBlock and another peer');
    },
  },
);

const policyPort = open({
  protocol: oneOf('TCP', 'UDP', 'SCTP'),
  port: (value, context) => (typeof value === 'string' ? text(portName)(value, context) : portNumber(value, context)),
  endPort: portNumber,
});

const networkPolicy = kind({
  spec: open({
    podSelector: labelSelector,
    ingress: list(open({ ports: list(policyPort), from: list(policyPeer) })),
    egress: list(open({ ports: list(policyPort), to: list(policyPeer) })),
    policyTypes: list(oneOf('Ingress', 'Egress'), { max: 2 }),
  }),
});

const endpointAddress = open({ ip: text() }, { required: ['ip'] });
const endpoints = kind({
  subsets: list(
    open({
      addresses: list(endpointAddress),
      notReadyAddresses: list(endpointAddress),
      ports: list(open({ port: portNumber, protocol: oneOf('TCP', 'UDP', 'SCTP') }, { required: ['port'] })),
    }),
  ),
});

// --- limits, autoscaling, leases, events ---------------------------------------------------------------------------

const amounts = mapBy(() => quantity(), qualifiedName);

const resourceQuota = kind({
  spec: open({
    hard: amounts,
    scopes: list(
      oneOf(
        'Terminating',
        'NotTerminating',
        'BestEffort',
        'NotBestEffort',
        'PriorityClass',
        'CrossNamespacePodAffinity',
        'VolumeAttributesClass',
      ),
    ),
  }),
});

const limitRange = kind(
  {
    spec: open(
      {
        limits: list(
          open(
            { max: amounts, min: amounts, default: amounts, defaultRequest: amounts, maxLimitRequestRatio: amounts },
            { required: ['type'] },
          ),
        ),
      },
      { required: ['limits'] },
    ),
  },
  { required: ['spec'] },
);

const scaleTarget = open({}, { required: ['kind', 'name'] });

const autoscaler = kind(
  {
    spec: open(
      { scaleTargetRef: scaleTarget, minReplicas: int({ min: 1 }), maxReplicas: int({ min: 1 }) },
      {
        required: ['scaleTargetRef', 'maxReplicas'],
        check(spec, context) {
          const { minReplicas = 1, maxReplicas } = spec;
          if (typeof minReplicas === 'number' && typeof maxReplicas === 'number' && maxReplicas < minReplicas) {
            context.error('must be greater than or equal to `minReplicas`', 'maxReplicas');
          }
        },
      },
    ),
  },
  { required: ['spec'] },
);

const lease = kind({
  spec: open({
    leaseDurationSeconds: int({ min: 1 }),
    leaseTransitions: int({ min: 0 }),
    acquireTime: anything,
    renewTime: anything,
  }),
});

const controllerRevision = kind({ revision: int64({ min: 0 }) }, { required: ['revision'] });
const template = kind({ template: podTemplate('Always', 'OnFailure', 'Never') }, { required: ['template'] });

const serviceAccount = kind({ secrets: anything, imagePullSecrets: anything });

/** 'group/Kind' → its rules. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map([
  ['/ConfigMap', configMap],
  ['/Secret', secret],
  ['/ServiceAccount', serviceAccount],
  ['/Endpoints', endpoints],
  ['/ResourceQuota', resourceQuota],
  ['/LimitRange', limitRange],
  ['/PodTemplate', template],
  ['/Event', kind({})],
  ['events.k8s.io/Event', kind({})],
  ['apps/ControllerRevision', controllerRevision],
  ['autoscaling/HorizontalPodAutoscaler', autoscaler],
  ['coordination.k8s.io/Lease', lease],
  ['networking.k8s.io/Ingress', ingress],
  ['networking.k8s.io/IngressClass', kind({ spec: open({ controller: text() }) })],
  ['networking.k8s.io/NetworkPolicy', networkPolicy],
  ['rbac.authorization.k8s.io/Role', kind({ rules: list(policyRule(true)) }, { name: pathSegment })],
  ['rbac.authorization.k8s.io/ClusterRole', kind({ rules: list(policyRule(false)) }, { name: pathSegment })],
  ['rbac.authorization.k8s.io/RoleBinding', binding(true)],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', binding(false)],
]);
