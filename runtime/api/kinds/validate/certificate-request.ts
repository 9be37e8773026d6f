/** What a CertificateSigningRequest may ask for. Source: Kubernetes v1.36, pkg/apis/certificates/validation/validation.go. */
import { dnsSubdomain, listAt, numberAt, objectAt, type PlainObject, textAt } from '../../../../core/objects/index.ts';
import type { Cause } from '../kind.ts';
import { duplicate, invalid, notSupported, required } from './causes.ts';
import { pkcs10Problem } from './pkcs10.ts';

const USAGES = [
  ...['signing', 'digital signature', 'content commitment', 'key encipherment', 'key agreement', 'data encipherment'],
  ...['cert sign', 'crl sign', 'encipher only', 'decipher only', 'any', 'server auth', 'client auth', 'code signing'],
  ...['email protection', 's/mime', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'timestamping', 'ocsp signing'],
  ...['microsoft sgc', 'netscape sgc'],
];
const SHORTEST_SECONDS = 600;
/** Two names of 253 characters and 63 more, and what stands between them. */
const SIGNER_LIMIT = 571;
/** Before v1 whoever asked for nobody in particular got this signer. */
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

export function certificateRequestCauses(object: PlainObject): Cause[] {
  const spec = objectAt(object, 'spec') ?? {};
  const causes: Cause[] = [];
  const request = textAt(spec, 'request') ?? '';
  const unread = requestProblem(request);
  if (unread) causes.push(invalid('spec.request', request, unread));
  usageCauses(listOf(spec, 'usages'), causes);
  causes.push(...signerCauses(textAt(spec, 'signerName') ?? ''));
  const seconds = numberAt(spec, 'expirationSeconds');
  if (seconds !== undefined && seconds < SHORTEST_SECONDS) {
    const why = `may not specify a duration less than ${SHORTEST_SECONDS} seconds (10 minutes)`;
    causes.push(invalid('spec.expirationSeconds', seconds, why));
  }
  return causes;
}

function listOf(holder: PlainObject, field: string): unknown[] {
  const value = holder[field];
  return Array.isArray(value) ? value : [];
}

/** @param encoded base64 of PEM. */
function requestProblem(encoded: string): string | undefined {
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const block = /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE REQUEST-----/.exec(text);
  if (!block) return 'PEM block type must be CERTIFICATE REQUEST';
  return pkcs10Problem(Buffer.from(block[1], 'base64'));
}

function usageCauses(usages: readonly unknown[], causes: Cause[]): void {
  if (usages.length === 0) causes.push(required('spec.usages', 'usages are required'));
  usages.forEach((usage, i) => {
    const at = `spec.usages[${i}]`;
    if (typeof usage !== 'string' || !USAGES.includes(usage)) causes.push(notSupported(at, usage, USAGES));
    else if (usages.indexOf(usage) < i) causes.push(duplicate(at, usage));
  });
}

function signerCauses(name: string): Cause[] {
  const at = 'spec.signerName';
  if (name === '') return [required(at)];
  if (name === LEGACY_SIGNER) return [invalid(at, name, 'the legacy signerName is not allowed via this API version')];
  const [domain, path, ...more] = name.split('/');
  if (!path || more.length > 0)
    return [invalid(at, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  const causes: Cause[] = [];
  for (const part of [domain, path]) {
    const problem = dnsSubdomain(part);
    if (problem) causes.push(invalid(at, part, problem));
  }
  if (!domain.includes('.'))
    causes.push(invalid(at, domain, 'should be a domain with at least two segments separated by dots'));
  if (name.length > SIGNER_LIMIT) causes.push(invalid(at, name, `may not be more than ${SIGNER_LIMIT} characters`));
  return causes;
}

/** What stays once it is said. */
const DECISIONS = ['Approved', 'Denied', 'Failed'];

/** The conditions that an approval writes. @param before those that are there. */
export function approvalCauses(object: PlainObject, before: PlainObject): Cause[] {
  const conditions = listAt(objectAt(object, 'status') ?? {}, 'conditions');
  const causes: Cause[] = [];
  const seen = new Set<unknown>();
  conditions.forEach(({ type, status }, i) => {
    const at = `status.conditions[${i}]`;
    if (!type) causes.push(required(`${at}.type`));
    else if (seen.has(type)) causes.push(duplicate(`${at}.type`, type));
    seen.add(type);
    const supported = DECISIONS.includes(type as string) ? ['True'] : ['False', 'True', 'Unknown'];
    if (!status) causes.push(required(`${at}.status`));
    else if (!supported.includes(status as string)) causes.push(notSupported(`${at}.status`, status, supported));
    if ((type === 'Denied' && seen.has('Approved')) || (type === 'Approved' && seen.has('Denied')))
      causes.push(invalid(`${at}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
  });
  for (const { type } of listAt(objectAt(before, 'status') ?? {}, 'conditions')) {
    if (!DECISIONS.includes(type as string) || seen.has(type)) continue;
    const message = `Forbidden: updates may not remove a condition of type "${type}"`;
    causes.push({ reason: 'FieldValueForbidden', field: 'status.conditions', message });
  }
  return causes;
}
