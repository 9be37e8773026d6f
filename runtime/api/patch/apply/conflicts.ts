/** What is said when an apply meets fields of others. Source: Kubernetes v1.36, util/managedfields/internal/conflict.go. */
import { ApiError, failure } from '../../http/status.ts';
import { type FieldSet, paths, pathText } from './field-set.ts';
import { identityOf, type Manager } from './managers.ts';

export interface Conflict {
  manager: Manager;
  set: FieldSet;
}

export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const sorted = [...conflicts].sort((a, b) => (identityOf(a.manager) < identityOf(b.manager) ? -1 : 1));
  const causes = sorted.flatMap(({ manager, set }) =>
    [...paths(set)].map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${nameOf(manager)}`,
      field: pathText(path),
    })),
  );
  return new ApiError(failure(409, 'Conflict', messageFor(sorted, causes.length), { causes }));
}

function messageFor(conflicts: readonly Conflict[], count: number): string {
  if (count === 1) {
    const [{ manager, set }] = conflicts;
    const [path] = paths(set);
    return `Apply failed with 1 conflict: conflict with ${nameOf(manager)}: ${pathText(path)}`;
  }
  const lines = conflicts.flatMap(({ manager, set }) => [
    `conflicts with ${nameOf(manager)}:`,
    ...[...paths(set)].map((path) => `- ${pathText(path)}`),
  ]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

function nameOf({ manager, subresource, operation, apiVersion }: Manager): string {
  const through = subresource === '' ? '' : ` with subresource "${subresource}"`;
  return `"${manager}"${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
