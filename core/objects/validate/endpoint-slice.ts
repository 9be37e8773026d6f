/**
 * EndpointSlices. The API server takes any port number; here it must be one, as nothing can listen elsewhere.
 * Source: Kubernetes v1.36, pkg/apis/discovery/validation/validation.go.
 */
import { ordinaryIpOf } from './addresses.ts';
import type { Context } from './context.ts';
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from './formats.ts';
import {
  list,
  listAt,
  type ObjectOptions,
  oneOf,
  type PlainObject,
  type Schema,
  shape,
  type TextRule,
  text,
  textAt,
} from './schema.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 100;
const MAX_HINTS = 8;

const hinted = list(shape('', { name: text() }, { required: ['name'] }), { max: MAX_HINTS, unique: named });

function named({ name }: PlainObject): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

const endpoint = shape(
  'targetRef deprecatedTopology:pairs zone:text',
  {
    addresses: list(text(), { min: 1, max: MAX_ADDRESSES }),
    conditions: shape('ready:bool serving:bool terminating:bool'),
    hostname: text(dnsLabel),
    nodeName: text(dnsSubdomain),
    hints: shape('', { forZones: hinted, forNodes: hinted }),
  },
  { required: ['addresses'] },
);

const port = shape('', {
  name: text((name) => (name === '' ? undefined : dnsLabel(name))),
  protocol: oneOf('TCP', 'UDP', 'SCTP'),
  port: portNumber,
  appProtocol: text(qualifiedName),
});

export const endpointSliceFields: Record<string, Schema> = {
  addressType: oneOf('IPv4', 'IPv6', 'FQDN'),
  endpoints: list(endpoint, { max: MAX_ENDPOINTS }),
  // A port without a name is the one named ''.
  ports: list(port, { max: MAX_PORTS, unique: ({ name }) => (typeof name === 'string' ? name : ''), uniqueAt: 'name' }),
};

export const endpointSliceOptions: ObjectOptions = { required: ['addressType'], check: checkAddresses };

const ADDRESS_RULES = new Map<string, TextRule>([
  ['IPv4', ordinaryIpOf('IPv4')],
  ['IPv6', ordinaryIpOf('IPv6')],
  ['FQDN', dnsSubdomain],
]);

function checkAddresses(slice: PlainObject, context: Context): void {
  const rule = ADDRESS_RULES.get(textAt(slice, 'addressType') ?? '');
  if (!rule) return;
  listAt(slice, 'endpoints').forEach(({ addresses }, e) => {
    if (!Array.isArray(addresses)) return;
    addresses.forEach((address, a) => {
      const complaint = typeof address === 'string' ? rule(address) : undefined;
      if (complaint !== undefined) context.error(complaint, 'endpoints', e, 'addresses', a);
    });
  });
}
