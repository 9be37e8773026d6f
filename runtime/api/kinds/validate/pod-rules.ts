/**
 * What an API server refuses in a new pod beyond what the scheduler must know: names that refer to each other, paths,
 * probes, policies. Source: Kubernetes v1.36, pkg/apis/core/validation/validation.go, ValidatePodSpec.
 */
import { listAt, numberAt, objectAt, type PlainObject, textAt } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from './causes.ts';

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const ENV_NAME = /^[^=\0]+$/;
const MAX_ID = 2 ** 31 - 1;

/** `at` is where the spec stands: 'spec', or 'spec.template.spec'. */
export function podSpecCauses(spec: PlainObject, at: string): Cause[] {
  const causes: Cause[] = [];
  const dns = textAt(spec, 'dnsPolicy');
  if (dns && !DNS_POLICIES.includes(dns)) causes.push(notSupported(`${at}.dnsPolicy`, dns, DNS_POLICIES));
  if (dns === 'None' && !nameservers(spec)) {
    causes.push(
      required(`${at}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
    );
  }
  identityCauses(objectAt(spec, 'securityContext') ?? {}, `${at}.securityContext`, causes);
  const volumes = new Set(listAt(spec, 'volumes').map((volume) => textAt(volume, 'name')));
  for (const field of CONTAINER_LISTS) {
    listAt(spec, field).forEach((container, i) => {
      containerCauses(container, `${at}.${field}[${i}]`, volumes, causes);
    });
  }
  const os = textAt(objectAt(spec, 'os') ?? {}, 'name');
  if (os && os !== 'linux' && os !== 'windows') causes.push(notSupported(`${at}.os.name`, os, ['linux', 'windows']));
  if (spec.hostNetwork !== true && spec.hostUsers === false && spec.hostPID === true) {
    causes.push(forbidden(`${at}.hostPID`, 'when `hostUsers` is false'));
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    causes.push(
      invalid(`${at}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  }
  return causes;
}

function nameservers(spec: PlainObject): boolean {
  const config = objectAt(spec, 'dnsConfig') ?? {};
  return Array.isArray(config.nameservers) && config.nameservers.length > 0;
}

function identityCauses(context: PlainObject, at: string, causes: Cause[]): void {
  for (const field of ['runAsUser', 'runAsGroup', 'fsGroup']) {
    const id = numberAt(context, field);
    if (id !== undefined && (id < 0 || id > MAX_ID)) {
      causes.push(invalid(`${at}.${field}`, id, `must be between 0 and ${MAX_ID}, inclusive`));
    }
  }
}

function containerCauses(
  container: PlainObject,
  at: string,
  volumes: ReadonlySet<string | undefined>,
  causes: Cause[],
): void {
  const image = textAt(container, 'image');
  if (image !== undefined && image !== image.trim()) {
    causes.push(invalid(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  }
  const pull = textAt(container, 'imagePullPolicy');
  if (pull && !PULL_POLICIES.includes(pull)) causes.push(notSupported(`${at}.imagePullPolicy`, pull, PULL_POLICIES));
  const message = textAt(container, 'terminationMessagePolicy');
  if (message && !MESSAGE_POLICIES.includes(message)) {
    causes.push(notSupported(`${at}.terminationMessagePolicy`, message, MESSAGE_POLICIES));
  }
  for (const [i, variable] of listAt(container, 'env').entries()) envCauses(variable, `${at}.env[${i}]`, causes);
  mountCauses(container, at, volumes, causes);
  for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = objectAt(container, field);
    if (probe) probeCauses(probe, `${at}.${field}`, field !== 'readinessProbe', causes);
  }
  const lifecycle = objectAt(container, 'lifecycle') ?? {};
  for (const hook of ['postStart', 'preStop']) {
    const handler = objectAt(lifecycle, hook);
    if (handler) handlerCauses(handler, `${at}.lifecycle.${hook}`, ['exec', 'httpGet', 'tcpSocket', 'sleep'], causes);
  }
  identityCauses(objectAt(container, 'securityContext') ?? {}, `${at}.securityContext`, causes);
  escalationCauses(objectAt(container, 'securityContext') ?? {}, `${at}.securityContext`, causes);
}

function escalationCauses(context: PlainObject, at: string, causes: Cause[]): void {
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged === true) {
    causes.push(invalid(at, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
}

function envCauses(variable: PlainObject, at: string, causes: Cause[]): void {
  const name = textAt(variable, 'name') ?? '';
  if (name && !ENV_NAME.test(name)) {
    causes.push(
      invalid(
        `${at}.name`,
        name,
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ),
    );
  }
  const from = objectAt(variable, 'valueFrom');
  if (!from) return;
  if (textAt(variable, 'value'))
    causes.push(invalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
  const sources = Object.keys(from).filter((source) => objectAt(from, source));
  if (sources.length === 0) {
    causes.push(
      invalid(
        `${at}.valueFrom`,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  } else if (sources.length > 1) {
    causes.push(invalid(`${at}.valueFrom`, '', 'may not have more than one field specified at a time'));
  }
  for (const source of ['configMapKeyRef', 'secretKeyRef']) {
    const reference = objectAt(from, source);
    if (reference && !textAt(reference, 'key')) causes.push(required(`${at}.valueFrom.${source}.key`));
  }
  const path = textAt(objectAt(from, 'fieldRef') ?? {}, 'fieldPath');
  if (objectAt(from, 'fieldRef') && !path) causes.push(required(`${at}.valueFrom.fieldRef.fieldPath`));
  else if (path && !FIELD_PATH.test(path)) {
    causes.push(
      invalid(
        `${at}.valueFrom.fieldRef.fieldPath`,
        path,
        `error converting fieldPath: field label not supported: ${path}`,
      ),
    );
  }
}

const FIELD_PATH =
  /^(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

function mountCauses(
  container: PlainObject,
  at: string,
  volumes: ReadonlySet<string | undefined>,
  causes: Cause[],
): void {
  const paths = new Set<string>();
  listAt(container, 'volumeMounts').forEach((mount, i) => {
    const name = textAt(mount, 'name');
    if (name && !volumes.has(name)) causes.push(notFound(`${at}.volumeMounts[${i}].name`, name));
    const path = textAt(mount, 'mountPath') ?? '';
    if (paths.has(path)) causes.push(invalid(`${at}.volumeMounts[${i}].mountPath`, path, 'must be unique'));
    paths.add(path);
    for (const field of ['subPath', 'subPathExpr']) {
      const sub = textAt(mount, field) ?? '';
      const where = `${at}.volumeMounts[${i}].${field}`;
      if (sub.startsWith('/')) causes.push(invalid(where, sub, 'must be a relative path'));
      if (sub.split('/').includes('..')) causes.push(invalid(where, sub, "must not contain '..'"));
    }
    if (textAt(mount, 'subPath') && textAt(mount, 'subPathExpr')) {
      causes.push(
        invalid(
          `${at}.volumeMounts[${i}].subPathExpr`,
          mount.subPathExpr,
          'subPathExpr and subPath are mutually exclusive',
        ),
      );
    }
  });
  const names = new Set<string>();
  listAt(container, 'volumeDevices').forEach((device, i) => {
    const name = textAt(device, 'name') ?? '';
    if (name && !volumes.has(name)) causes.push(notFound(`${at}.volumeDevices[${i}].name`, name));
    if (names.has(name)) causes.push(duplicate(`${at}.volumeDevices[${i}].name`, name));
    names.add(name);
  });
}

function probeCauses(probe: PlainObject, at: string, once: boolean, causes: Cause[]): void {
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    const count = numberAt(probe, field);
    if (count !== undefined && count < 0)
      causes.push(invalid(`${at}.${field}`, count, 'must be greater than or equal to 0'));
  }
  if (once && (numberAt(probe, 'successThreshold') ?? 1) !== 1) {
    causes.push(invalid(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
  handlerCauses(probe, at, ['exec', 'httpGet', 'tcpSocket', 'grpc'], causes);
}

function handlerCauses(handler: PlainObject, at: string, kinds: readonly string[], causes: Cause[]): void {
  const given = kinds.filter((kind) => objectAt(handler, kind));
  if (given.length === 0) causes.push(required(at, 'must specify a handler type'));
  for (const extra of given.slice(1))
    causes.push(forbidden(`${at}.${extra}`, 'may not specify more than 1 handler type'));
  const exec = objectAt(handler, 'exec');
  if (exec && !(Array.isArray(exec.command) && exec.command.length > 0)) causes.push(required(`${at}.exec.command`));
  for (const kind of ['httpGet', 'tcpSocket', 'grpc']) {
    const call = objectAt(handler, kind);
    if (call) portCauses(call, `${at}.${kind}`, causes);
  }
}

function portCauses(call: PlainObject, at: string, causes: Cause[]): void {
  const { port } = call;
  if (typeof port === 'number' && (port < 1 || port > 65_535)) {
    causes.push(invalid(`${at}.port`, port, 'must be between 1 and 65535, inclusive'));
  }
  if (port === undefined || port === '') causes.push(required(`${at}.port`));
}
