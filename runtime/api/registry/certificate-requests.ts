/**
 * Certificate signing requests: who asks is written down and stays; /approval changes conditions and nothing else, /status
 * leaves the approval alone. Source: Kubernetes v1.36, pkg/registry/certificates/certificates/strategy.go.
 */
import type { KubeObject } from '../../../core/index.ts';
import type { PlainObject } from '../../../core/objects/index.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../auth/faces.ts';
import { forbidden, invalid } from '../http/status.ts';
import { approvalCauses } from '../kinds/validate/certificate-request.ts';
import { type ApiObject, isMap } from '../object.ts';
import type { User } from '../request.ts';
import { timestamp } from './parts.ts';

type Condition = Record<string, unknown>;

/** Given by /approval alone. */
const APPROVAL: ReadonlySet<unknown> = new Set(['Approved', 'Denied']);

/** @param authorizer is asked whether the signer's requests are the user's to approve. */
export function certificateRequests(now: () => number, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateRequests',
    mutate(request) {
      const object = request.object as ApiObject;
      if (request.kind.group !== 'certificates.k8s.io') return object;
      if (request.operation === 'CREATE') return { ...object, spec: { ...specOf(object), ...identity(request.user) } };
      const old = request.old as ApiObject | undefined;
      return request.operation === 'UPDATE' && old ? updated(request, object, old, timestamp(now())) : object;
    },
    validate({ kind, subresource, operation, name, user, object, old }) {
      if (kind.group !== 'certificates.k8s.io' || subresource !== 'approval' || operation !== 'UPDATE') return;
      const signer = String(specOf(old as ApiObject).signerName ?? '');
      if (!mayApprove(authorizer, user, signer)) {
        const why = `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`;
        throw forbidden(kind.group, kind.plural, name, why);
      }
      const causes = approvalCauses(object as unknown as PlainObject, old as unknown as PlainObject);
      if (causes.length > 0) throw invalid(kind.group, kind.kind, name, causes);
    },
  };
}

/** By the signer's whole name, or for all of its domain. Source: pkg/apis/certificates, plugin/pkg/admission/certificates. */
function mayApprove(authorizer: Authorizer, user: User, signer: string): boolean {
  const attributes = { resourceRequest: true, path: '', verb: 'approve', version: '*', subresource: '', namespace: '' };
  const domain = signer.slice(0, signer.indexOf('/'));
  return [signer, `${domain}/*`].some(
    (name) =>
      authorizer.authorize(user, { ...attributes, group: 'certificates.k8s.io', resource: 'signers', name }).allowed,
  );
}

/** What nobody can say of himself. */
function identity({ name, uid, groups, extra }: User): Record<string, unknown> {
  return { username: name, uid, groups, extra };
}

function updated({ subresource }: AdmissionRequest, next: ApiObject, old: ApiObject, now: string): KubeObject {
  const kept: ApiObject = { ...next, spec: old.spec };
  const [before, after] = [conditionsOf(old), conditionsOf(next)];
  if (subresource === 'approval') return withStatus(kept, old, { conditions: dated(after, before, now) });
  if (subresource !== 'status') return kept;
  const others = after.filter(({ type }) => !APPROVAL.has(type));
  const approval = before.filter(({ type }) => APPROVAL.has(type));
  const order = (condition: Condition): number => {
    const at = after.findIndex(({ type }) => type === condition.type);
    return at < 0 ? after.length : at;
  };
  const all = [...approval, ...others].sort((a, b) => order(a) - order(b));
  return withStatus(kept, next, { conditions: dated(all, before, now) });
}

/** @param from the object whose status goes on in all but `changed`. */
function withStatus(object: ApiObject, from: ApiObject, changed: { conditions: Condition[] }): ApiObject {
  const status: Record<string, unknown> = { ...(isMap(from.status) ? from.status : {}), ...changed };
  if (changed.conditions.length === 0) delete status.conditions;
  return { ...object, status };
}

/** When a condition was written and when it turned, where its writer did not say. */
function dated(conditions: readonly Condition[], before: readonly Condition[], now: string): Condition[] {
  return conditions.map((condition) => {
    const old = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? old?.lastTransitionTime ?? now,
    };
  });
}

function conditionsOf({ status }: ApiObject): Condition[] {
  const conditions = isMap(status) ? status.conditions : undefined;
  return Array.isArray(conditions) ? conditions.filter(isMap) : [];
}

function specOf({ spec }: ApiObject): Record<string, unknown> {
  return isMap(spec) ? spec : {};
}
