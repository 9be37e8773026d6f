/** DeleteOptions, of the body and of the query; the body's word counts. Source: Kubernetes v1.36, apimachinery/pkg/apis/meta/v1/validation. */
import { isMap } from '../object.ts';
import type { DeleteRequest } from '../registry/delete.ts';
import { dryRunCauses } from './query.ts';
import { badRequest, invalid, type StatusCause } from './status.ts';

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** @param body decoded; {} for none. Throws 400 for what has the wrong type, 422 for what has no meaning. */
export function deleteQuery(body: unknown, query: URLSearchParams): DeleteRequest & { dryRun: boolean } {
  if (!isMap(body)) throw badRequest('the body of a delete is no DeleteOptions');
  if (body.kind !== undefined && body.kind !== 'DeleteOptions' && body.kind !== '') {
    throw badRequest(`the body of a delete is a DeleteOptions, not a ${JSON.stringify(body.kind)}`);
  }
  const grace = body.gracePeriodSeconds ?? numberOf(query.get('gracePeriodSeconds'));
  const orphan = body.orphanDependents ?? booleanOf(query.get('orphanDependents'));
  const policy = body.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  const dryRun = body.dryRun ?? query.getAll('dryRun');
  const preconditions = body.preconditions ?? undefined;
  const causes: StatusCause[] = [];
  if (grace !== undefined && grace !== null && !Number.isSafeInteger(grace)) throw wrongType('gracePeriodSeconds');
  if (orphan !== undefined && orphan !== null && typeof orphan !== 'boolean') throw wrongType('orphanDependents');
  if (preconditions !== undefined && !isMap(preconditions)) throw wrongType('preconditions');
  if (!Array.isArray(dryRun) || !dryRun.every((word) => typeof word === 'string')) throw wrongType('dryRun');
  causes.push(...dryRunCauses(dryRun));
  if (policy !== undefined && policy !== null && orphan !== undefined && orphan !== null) {
    const message = 'Invalid value: orphanDependents and deletionPropagation cannot be both set';
    causes.push({ reason: 'FieldValueInvalid', field: 'propagationPolicy', message });
  }
  if (policy !== undefined && policy !== null && typeof policy !== 'string') throw wrongType('propagationPolicy');
  if (typeof policy === 'string' && !POLICIES.includes(policy)) {
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
    causes.push({ reason: 'FieldValueNotSupported', field: 'propagationPolicy', message });
  }
  if (causes.length > 0) throw invalid('meta.k8s.io', 'DeleteOptions', '', causes);
  return {
    gracePeriodSeconds: typeof grace === 'number' ? grace : undefined,
    propagationPolicy: (policy ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined)) as
      | DeleteRequest['propagationPolicy']
      | undefined,
    preconditions: preconditions === undefined ? undefined : conditionsOf(preconditions),
    dryRun: dryRun.length > 0,
  };
}

function conditionsOf({ uid, resourceVersion }: Record<string, unknown>): DeleteRequest['preconditions'] {
  if (uid !== undefined && uid !== null && typeof uid !== 'string') throw wrongType('preconditions.uid');
  if (resourceVersion !== undefined && resourceVersion !== null && typeof resourceVersion !== 'string') {
    throw wrongType('preconditions.resourceVersion');
  }
  return { uid: uid ?? undefined, resourceVersion: resourceVersion ?? undefined };
}

function wrongType(field: string): Error {
  return badRequest(`DeleteOptions cannot be read: ${field} has the wrong type`);
}

function numberOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw wrongType('gracePeriodSeconds');
  return Number(text);
}

function booleanOf(text: string | null): boolean | undefined {
  if (text === null || text === '') return undefined;
  if (text !== 'true' && text !== 'false') throw wrongType('orphanDependents');
  return text === 'true';
}
