/** Rows in short: what most kinds have in common is filled in here, so that a row says only what sets it apart. */
import { behaviourOf } from './behaviour.ts';
import type { ApiKind, ScalePaths, Subresource } from './kind.ts';

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;
const STATUS_VERBS = ['get', 'patch', 'update'] as const;

type Given = Pick<ApiKind, 'group' | 'version' | 'kind' | 'plural'>;

export interface ShortRow extends Given, Partial<Omit<ApiKind, keyof Given>> {
  /** Adds the subresource status. */
  status?: boolean;
  /** Beside status and scale. */
  further?: readonly Subresource[];
}

/** Namespaced, with all verbs and without subresources unless told. */
export function row({ status = false, further = [], scale, ...given }: ShortRow): ApiKind {
  const { group, version, kind, plural } = given;
  const subresources: Subresource[] = [...further];
  if (scale) {
    subresources.push({ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: STATUS_VERBS });
  }
  if (status) subresources.push({ name: 'status', group, version, kind, verbs: STATUS_VERBS });
  subresources.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: ALL_VERBS,
    selectableFields: [],
    statusSubresource: status,
    scale,
    // A kind that is kept in another form is filled in, checked and printed in that form, by its row.
    ...(!given.storage && behaviourOf(group, kind)),
    ...given,
    plural,
    subresources,
  };
}

/** Of workloads with spec.replicas and status.replicas. @param selector spec.selector unless told. */
export const WORKLOAD_SCALE: ScalePaths = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  selector: 'spec.selector',
};

/** A kind that is asked, not kept: the answer to its create is all there is. */
export function review(group: string, version: string, kind: string, plural: string, namespaced = false): ApiKind {
  return row({ group, version, kind, plural, namespaced, verbs: ['create'] });
}
