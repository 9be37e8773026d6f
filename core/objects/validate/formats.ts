/**
 * Rules about single values: names, labels, quantities, ports, times.
 * Source: Kubernetes v1.36, apimachinery/pkg/util/validation, apimachinery/pkg/api/validation, pkg/apis/core/validation.
 */

import { isExtendedResource } from '../pod-requests.ts';
import { overflowsInt64, parseQuantity } from '../quantity.ts';
import { isLabelValue, isQualifiedName } from '../selectors.ts';
import { int, mapBy, mapOf, type Schema, show, type TextRule, text } from './schema.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function limited(name: string, max: number, what: string): string | undefined {
  if (name === '') return 'must not be empty';
  return name.length > max ? `${show(name)} has ${name.length} characters; ${what} has at most ${max}` : undefined;
}

/** DNS-1123 subdomain: at most 253 of a-z, 0-9, '-' and '.'. */
export const dnsSubdomain: TextRule = (name) =>
  limited(name, 253, 'a name') ??
  (SUBDOMAIN.test(name)
    ? undefined
    : `${show(name)} is not a DNS subdomain (a-z, 0-9, '-' and '.', starting and ending with a letter or digit)`);

/** DNS-1123 label: at most 63 of a-z, 0-9 and '-'. */
export const dnsLabel: TextRule = (name) =>
  limited(name, 63, 'a label') ??
  (LABEL.test(name)
    ? undefined
    : `${show(name)} is not a DNS label (a-z, 0-9 and '-', starting and ending with a letter or digit)`);

/** DNS-1035 label, as Services are named: it starts with a letter. */
export const dns1035Label: TextRule = (name) =>
  limited(name, 63, 'a Service name') ??
  (LABEL_1035.test(name)
    ? undefined
    : `${show(name)} is not a DNS-1035 label (a-z, 0-9 and '-', starting with a letter, ending with a letter or digit)`);

/** At most 52, so that the Jobs made from it can add a time. */
export const cronJobName: TextRule = (name) => limited(name, 52, 'a CronJob name') ?? dnsSubdomain(name);

/** What may stand in a URL path: RBAC names, custom resources. */
export const pathSegment: TextRule = (name) => {
  if (name === '') return 'must not be empty';
  return name === '.' || name === '..' || /[/%]/.test(name) ? `${show(name)} cannot be part of a path` : undefined;
};

export const qualifiedName: TextRule = (key) =>
  isQualifiedName(key) ? undefined : `${show(key)} is not a qualified name ([prefix/]name, name at most 63 characters)`;

export const labelValue: TextRule = (value) =>
  isLabelValue(value) ? undefined : `${show(value)} is not a label value (at most 63 of A-Z, a-z, 0-9, '-', '_', '.')`;

export const labels: Schema = mapOf(text(labelValue), qualifiedName);

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
/** 'kernel.shm_rmid_forced', 'net/ipv4/tcp_syncookies'. */
export const sysctlName: TextRule = (name) =>
  limited(name, 253, 'a sysctl') ??
  (SYSCTL.test(name)
    ? undefined
    : `${show(name)} is not a sysctl (parts of a-z, 0-9, '-' and '_', by '.' or '/', each from letter or digit to letter or digit)`);

export const portNumber = int({ min: 1, max: 65_535 });

const PORT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** IANA_SVC_NAME */
export const portName: TextRule = (name) =>
  name.length <= 15 && PORT_NAME.test(name) && /[a-z]/.test(name) && !name.includes('--')
    ? undefined
    : `${show(name)} is not a port name (at most 15 of a-z, 0-9 and '-', with a letter)`;

const TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
export const time: Schema = text((value) => (TIME.test(value) ? undefined : `${show(value)} is not an RFC 3339 time`));

/** '1', 1 or '50%'. */
export const intOrPercent: Schema = (value, context) => {
  if (typeof value === 'string') {
    if (!/^\d+%$/.test(value)) context.error(`${show(value)} is neither a whole number nor a percentage`);
  } else {
    int({ min: 0 })(value, context);
  }
};

/** A quantity that is not negative and, counted in `milli` or whole units, fits 64 bits. */
export function quantity({ milli = false }: { milli?: boolean } = {}): Schema {
  return (value, context) => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      context.error(`${show(value)} is not a quantity`);
      return;
    }
    if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      context.error(`${value} is too large for a bare number to be exact; write it in quotes`);
      return;
    }
    const nano = parseQuantity(value);
    if (nano === undefined) context.error(`${show(value)} is not a quantity`);
    else if (nano < 0n) context.error(`${show(value)} is negative`);
    else if (overflowsInt64(value, nano, milli)) {
      context.error(`${show(value)} overflows: a quantity has at most 2^63-1 ${milli ? 'thousandths' : 'units'}`);
    }
  };
}

const milliQuantity = quantity({ milli: true });
const wholeQuantity = quantity();

/** Resource name → quantity; cpu is counted in thousandths. */
export function resourceList(name: TextRule): Schema {
  return mapBy((resource) => (resource === 'cpu' ? milliQuantity : wholeQuantity), name);
}

/** What a container may ask for: a bare word must be a resource Kubernetes itself knows, anything else has a domain. */
export const containerResource: TextRule = (name) => {
  if (CONTAINER_RESOURCES.has(name) || name.startsWith('hugepages-')) return undefined;
  if (!isQualifiedName(name)) return `${show(name)} is not a resource name`;
  if (!name.includes('/'))
    return `${show(name)} is not a resource containers have; others carry a domain (example.com/gpu)`;
  return name.includes('kubernetes.io/') || isExtendedResource(name)
    ? undefined
    : `${show(name)} is not an extended resource name`;
};

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
