/** Containers: ports, resources, and the fields only a kubelet reads. Source: v1.36, pkg/apis/core/validation. */
import { isExtendedResource } from '../pod-requests.ts';
import { parseQuantity } from '../quantity.ts';
import type { Context } from './context.ts';
import { containerResource, dnsLabel, portName, portNumber, resourceList } from './formats.ts';
import {
  int,
  isAbsent,
  list,
  listAt,
  numberAt,
  objectAt,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  show,
  text,
  textAt,
} from './schema.ts';

export const resourceRequirements: Schema = shape(
  '',
  {
    requests: resourceList(containerResource),
    limits: resourceList(containerResource),
    claims: list(shape('name:text request:text', {}, { required: ['name'] })),
  },
  { check: checkResources },
);

function checkResources(resources: PlainObject, context: Context): void {
  const limits = objectAt(resources, 'limits') ?? {};
  const requests = objectAt(resources, 'requests') ?? {};
  for (const [name, request] of Object.entries(requests)) {
    const asked = amountOf(request);
    const limit = Object.hasOwn(limits, name) ? amountOf(limits[name]) : undefined;
    const overcommits = !isExtendedResource(name) && !name.startsWith('hugepages-');
    if (asked === undefined) continue;
    if (limit !== undefined && asked > limit) {
      context.error(`${show(request)} is more than the limit ${show(limits[name])}`, 'requests', name);
    } else if (!overcommits && asked !== limit && asked !== 0n) {
      context.error(
        `${name} cannot be overcommitted; the limit must be given and equal to the request`,
        'requests',
        name,
      );
    }
  }
  for (const [where, amounts] of [
    ['requests', requests],
    ['limits', limits],
  ] as const) {
    for (const [name, amount] of Object.entries(amounts)) {
      const nano = amountOf(amount);
      if (nano !== undefined && nano % 1_000_000_000n !== 0n && isExtendedResource(name)) {
        context.error(`${show(amount)} is not a whole number, as an extended resource must be`, where, name);
      }
    }
  }
}

function amountOf(value: unknown): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

const ports: Schema = list(
  shape(
    'hostIP:text',
    {
      name: text((name) => (name === '' ? undefined : portName(name))),
      containerPort: portNumber,
      hostPort: int({ min: 0, max: 65_535 }),
      protocol: oneOf('TCP', 'UDP', 'SCTP', ''),
    },
    { required: ['containerPort'] },
  ),
  { unique: (port) => textAt(port, 'name') || undefined, uniqueAt: 'name' },
);

const handler = 'exec httpGet tcpSocket grpc';
const probe = shape(
  `${handler} initialDelaySeconds:int timeoutSeconds:int periodSeconds:int successThreshold:int failureThreshold:int ` +
    'terminationGracePeriodSeconds:int64',
);
const lifecycleHandler = shape('exec httpGet tcpSocket sleep');

const CONTAINER_WORDS =
  'command:texts args:texts workingDir:text envFrom resizePolicy restartPolicyRules terminationMessagePath:text ' +
  'terminationMessagePolicy:text stdin:bool stdinOnce:bool tty:bool';

const containerFields: Record<string, Schema> = {
  name: text(dnsLabel),
  image: text(),
  ports,
  resources: resourceRequirements,
  restartPolicy: oneOf('Always', 'OnFailure', 'Never'),
  imagePullPolicy: oneOf('Always', 'IfNotPresent', 'Never', ''),
  env: list(
    shape(
      'name:text value:text',
      { valueFrom: shape('fieldRef resourceFieldRef configMapKeyRef secretKeyRef fileKeyRef') },
      {
        required: ['name'],
      },
    ),
  ),
  volumeMounts: list(
    shape(
      'name:text mountPath:text readOnly:bool recursiveReadOnly:text subPath:text subPathExpr:text mountPropagation:text',
      {},
      { required: ['name', 'mountPath'] },
    ),
  ),
  volumeDevices: list(shape('name:text devicePath:text', {}, { required: ['name', 'devicePath'] })),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  lifecycle: shape('stopSignal:text', { postStart: lifecycleHandler, preStop: lifecycleHandler }),
  securityContext: shape(
    'capabilities privileged:bool seLinuxOptions windowsOptions runAsUser:int64 runAsGroup:int64 runAsNonRoot:bool ' +
      'readOnlyRootFilesystem:bool allowPrivilegeEscalation:bool procMount:text seccompProfile appArmorProfile',
  ),
};

export const containers: Schema = list(shape(CONTAINER_WORDS, containerFields, { required: ['name', 'image'] }), {
  min: 1,
});
export const initContainers: Schema = list(
  shape(CONTAINER_WORDS, containerFields, { required: ['name', 'image'], check: checkInitContainer }),
);
export const ephemeralContainers: Schema = list(
  shape(`${CONTAINER_WORDS} targetContainerName:text`, containerFields, { required: ['name', 'image'] }),
);

function checkInitContainer(container: PlainObject, context: Context): void {
  if (!isAbsent(container, 'restartPolicy') && container.restartPolicy === 'Always') return;
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']) {
    if (!isAbsent(container, field)) context.error('only an init container that restarts always may have it', field);
  }
}

/** Rules across all containers of a pod: names, host ports. */
export function checkContainers(spec: PlainObject, context: Context): void {
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) {
    listAt(spec, field).forEach((container, i) => {
      const name = textAt(container, 'name');
      if (name !== undefined && names.has(name)) context.error(`duplicate ${show(name)}`, field, i, 'name');
      if (name !== undefined) names.add(name);
      if (field === 'containers') checkHostPorts(container, spec.hostNetwork === true, hostPorts, [field, i], context);
    });
  }
}

function checkHostPorts(
  container: PlainObject,
  hostNetwork: boolean,
  taken: Set<string>,
  at: readonly (string | number)[],
  context: Context,
): void {
  listAt(container, 'ports').forEach((port, i) => {
    const hostPort = numberAt(port, 'hostPort') || undefined;
    const containerPort = numberAt(port, 'containerPort');
    if (hostPort === undefined) return;
    if (hostNetwork && hostPort !== containerPort) {
      context.error('must equal containerPort on the host network', ...at, 'ports', i, 'hostPort');
    }
    const key = `${textAt(port, 'protocol') || 'TCP'}/${textAt(port, 'hostIP') ?? ''}/${hostPort}`;
    if (taken.has(key)) context.error(`duplicate ${hostPort}`, ...at, 'ports', i, 'hostPort');
    taken.add(key);
  });
}
