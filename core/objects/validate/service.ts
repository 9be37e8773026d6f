/** Services. Source: Kubernetes v1.36, pkg/apis/core/validation/validation.go, ValidateService. */
import { parseIp } from '../ip.ts';
import { cidr, ipAddress, ordinaryIp } from './addresses.ts';
import type { Context } from './context.ts';
import { dnsLabel, dnsSubdomain, labels, portName, portNumber, qualifiedName } from './formats.ts';
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

const NONE = 'None';
/** Kubernetes counts the absent protocol as TCP. */
const protocolOf = (port: PlainObject): string => textAt(port, 'protocol') || 'TCP';
const nodePortNumber = int({ min: 0, max: 65_535 });

const targetPort: Schema = (value, context) => {
  if (value === 0 || value === '') return;
  if (typeof value === 'number') portNumber(value, context);
  else text(portName)(value, context);
};

const servicePort = shape(
  '',
  {
    name: text((name) => (name === '' ? undefined : dnsLabel(name))),
    port: portNumber,
    targetPort,
    nodePort: nodePortNumber,
    protocol: oneOf('TCP', 'UDP', 'SCTP', ''),
    appProtocol: text(qualifiedName),
  },
  { required: ['port'] },
);

const families = oneOf('IPv4', 'IPv6');
const clusterIp = text((ip) => (ip === '' || ip === NONE ? undefined : ipAddress(ip)));
const trafficPolicy = oneOf('Cluster', 'Local', '');

const spec: Schema = shape(
  'loadBalancerIP:text publishNotReadyAddresses:bool allocateLoadBalancerNodePorts:bool',
  {
    type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', ''),
    selector: labels,
    ports: list(servicePort),
    clusterIP: clusterIp,
    clusterIPs: list(clusterIp, { max: 2 }),
    ipFamilies: list(families, { max: 2, unique: () => undefined }),
    ipFamilyPolicy: oneOf('SingleStack', 'PreferDualStack', 'RequireDualStack'),
    externalIPs: list(text(ordinaryIp)),
    externalName: text(),
    loadBalancerSourceRanges: list(cidr),
    loadBalancerClass: text(qualifiedName),
    internalTrafficPolicy: trafficPolicy,
    externalTrafficPolicy: trafficPolicy,
    trafficDistribution: oneOf('PreferClose', 'PreferSameZone', 'PreferSameNode'),
    healthCheckNodePort: nodePortNumber,
    sessionAffinity: oneOf('None', 'ClientIP', ''),
    sessionAffinityConfig: shape('', { clientIP: shape('', { timeoutSeconds: int({ min: 1, max: 86_400 }) }) }),
  },
  { check: checkSpec },
);

const ingress = shape(
  'hostname:text ports',
  { ip: text((ip) => (ip === '' ? undefined : ipAddress(ip))), ipMode: oneOf('VIP', 'Proxy') },
  {
    check(point, context) {
      if (!isAbsent(point, 'ipMode') && isAbsent(point, 'ip')) context.error('says nothing without an ip', 'ipMode');
    },
  },
);

export const serviceFields: Record<string, Schema> = {
  spec,
  status: shape('conditions', { loadBalancer: shape('', { ingress: list(ingress) }) }),
};

function checkSpec(service: PlainObject, context: Context): void {
  const type = textAt(service, 'type') || 'ClusterIP';
  checkPorts(service, type, context);
  checkClusterIps(service, type, context);
  checkExternalName(service, type, context);
  checkFieldsOfType(service, type, context);
}

function isHeadless(service: PlainObject): boolean {
  const [first] = Array.isArray(service.clusterIPs) ? service.clusterIPs : [];
  return (textAt(service, 'clusterIP') || first) === NONE;
}

// --- ports -------------------------------------------------------------------------------------------------------

const KUBELET_PORT = 10_250;

function checkPorts(service: PlainObject, type: string, context: Context): void {
  const ports = listAt(service, 'ports');
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  const repeated = (seen: Set<string>, key: string): boolean => seen.has(key) || !seen.add(key);
  if (ports.length === 0 && !isHeadless(service) && type !== 'ExternalName') {
    context.error('must not be empty', 'ports');
  }
  ports.forEach((port, i) => {
    const name = textAt(port, 'name') ?? '';
    if (name === '' && ports.length > 1) context.error('is required where there are several ports', 'ports', i, 'name');
    if (name !== '' && repeated(names, name)) context.error(`duplicate ${show(name)}`, 'ports', i, 'name');
    const number = `${port.port}/${protocolOf(port)}`;
    if (repeated(numbers, number)) context.error(`duplicate port ${show(number)}`, 'ports', i, 'port');
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    if (nodePort !== 0) {
      if (type === 'ClusterIP') context.error('is not for type ClusterIP', 'ports', i, 'nodePort');
      const key = `${nodePort}/${protocolOf(port)}`;
      if (repeated(nodePorts, key)) context.error(`duplicate node port ${show(key)}`, 'ports', i, 'nodePort');
    }
    if (type === 'LoadBalancer' && port.port === KUBELET_PORT) {
      context.error(`${KUBELET_PORT} is the kubelet's and is not exposed`, 'ports', i, 'port');
    }
  });
}

// --- addresses ---------------------------------------------------------------------------------------------------

function checkClusterIps(service: PlainObject, type: string, context: Context): void {
  const ips = Array.isArray(service.clusterIPs) ? service.clusterIPs : [];
  const ip = textAt(service, 'clusterIP') ?? '';
  if (type === 'ExternalName') {
    for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      if (!isAbsent(service, field)) context.error('is not for type ExternalName', field);
    }
    if (ip !== '') context.error('is not for type ExternalName', 'clusterIP');
    return;
  }
  if (ips.length > 0 && ip === '') context.error('must be empty while clusterIP is', 'clusterIPs');
  if (ips.length > 0 && ip !== '' && ips[0] !== ip) context.error('must begin with clusterIP', 'clusterIPs', 0);
  if (ips.length > 1 && ips.includes(NONE)) context.error(`'${NONE}' stands alone`, 'clusterIPs');
  if (isHeadless(service) && (type === 'NodePort' || type === 'LoadBalancer')) {
    context.error(`'${NONE}' is not for type ${type}`, 'clusterIP');
  }
  const given = ips.length > 0 ? ips : [ip];
  checkFamilies(service, given, context);
}

/** Addresses are one of each family, in the order of ipFamilies. */
function checkFamilies(service: PlainObject, ips: readonly unknown[], context: Context): void {
  const wanted = Array.isArray(service.ipFamilies) ? service.ipFamilies : [];
  if (wanted.length === 2 && wanted[0] === wanted[1]) context.error(`duplicate ${show(wanted[1])}`, 'ipFamilies', 1);
  const at = (i: number): (string | number)[] => (isAbsent(service, 'clusterIPs') ? ['clusterIP'] : ['clusterIPs', i]);
  const found = ips.map((ip) => (typeof ip === 'string' ? parseIp(ip)?.family : undefined));
  found.forEach((family, i) => {
    if (family === undefined) return;
    if (i > 0 && family === found[0]) context.error(`is a second ${family} address`, ...at(i));
    else if (wanted[i] !== undefined && wanted[i] !== family) {
      context.error(`${show(ips[i])} is an ${family} address, but ipFamilies has ${show(wanted[i])} there`, ...at(i));
    }
  });
  if (service.ipFamilyPolicy === 'SingleStack' && Math.max(ips.length, wanted.length) > 1) {
    context.error('SingleStack has one address and one family', 'ipFamilyPolicy');
  }
}

// --- what only some types have -----------------------------------------------------------------------------------

function checkExternalName(service: PlainObject, type: string, context: Context): void {
  if (type !== 'ExternalName') return;
  const name = textAt(service, 'externalName') ?? '';
  const complaint = name === '' ? 'is required for type ExternalName' : dnsSubdomain(name.replace(/\.$/, ''));
  if (complaint !== undefined) context.error(complaint, 'externalName');
}

const LOAD_BALANCER_ONLY = ['loadBalancerSourceRanges', 'loadBalancerClass', 'allocateLoadBalancerNodePorts'];

function checkFieldsOfType(service: PlainObject, type: string, context: Context): void {
  if (type !== 'LoadBalancer') {
    for (const field of LOAD_BALANCER_ONLY) {
      const value = service[field];
      const given = Array.isArray(value) ? value.length > 0 : !isAbsent(service, field);
      if (given) context.error('is only for type LoadBalancer', field);
    }
  }
  const external = Array.isArray(service.externalIPs) && service.externalIPs.length > 0;
  const exposed = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && external);
  const policy = textAt(service, 'externalTrafficPolicy') ?? '';
  if (policy !== '' && !exposed) {
    context.error('is only for Services that are reached from outside', 'externalTrafficPolicy');
  }
  if ((numberAt(service, 'healthCheckNodePort') ?? 0) > 0 && !(type === 'LoadBalancer' && policy === 'Local')) {
    context.error('is only for type LoadBalancer with externalTrafficPolicy Local', 'healthCheckNodePort');
  }
  if (objectAt(service, 'sessionAffinityConfig') && textAt(service, 'sessionAffinity') !== 'ClientIP') {
    context.warn('has no effect without sessionAffinity ClientIP', 'sessionAffinityConfig');
  }
}
