/**
 * Applies objects as an administrator would: definitions first, then namespaces, then the rest, all fields checked strictly.
 * A namespace that nobody brings is made. Where several files bring the same object, the later one takes its place.
 */
import type { ApiServer } from '../../runtime/api/server.ts';
import type { Answer, TestClient } from '../support/api-client.ts';
import type { Manifest } from './read.ts';

export interface Outcome extends Manifest {
  /** Why it could not be applied; undefined: it was. */
  problem?: string;
}

const FIRST = [
  'CustomResourceDefinition',
  'Namespace',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ServiceAccount',
];
const STRICT = 'fieldManager=manifests&fieldValidation=Strict';

export async function applyAll(
  api: TestClient & { server: ApiServer },
  manifests: readonly Manifest[],
): Promise<Outcome[]> {
  const rank = ({ object }: Manifest): number => {
    const at = FIRST.indexOf(object?.kind);
    return at < 0 ? FIRST.length : at;
  };
  const outcomes: Outcome[] = [];
  for (const manifest of [...manifests].sort((a, b) => rank(a) - rank(b))) {
    outcomes.push({ ...manifest, problem: await apply(api, manifest.object) });
  }
  return outcomes;
}

async function apply(api: TestClient & { server: ApiServer }, object: Manifest['object']): Promise<string | undefined> {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return 'no object: apiVersion or kind is missing';
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const row = api.server.kinds.ofKind(group, version, kind);
  if (!row) return `no matches for kind "${kind}" in version "${apiVersion}"`;
  const base = group === '' ? `/api/${version}` : `/apis/${apiVersion}`;
  const namespace = object.metadata?.namespace ?? 'default';
  if (row.namespaced) await api.post('/api/v1/namespaces', { metadata: { name: namespace } });
  const path = row.namespaced ? `${base}/namespaces/${namespace}/${row.plural}` : `${base}/${row.plural}`;
  const create = (): Promise<Answer> => api.post(`${path}?${STRICT}`, object);
  let answer = await create();
  if (answer.code === 409) {
    const one = `${path}/${object.metadata.name}`;
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    answer = await api.ask('PATCH', `${one}?force=true&${STRICT}`, { body: object, headers });
    if (answer.code >= 400) {
      await api.delete(one, { gracePeriodSeconds: 0 });
      answer = await create();
    }
  }
  return answer.code < 300 ? undefined : String(answer.body.message ?? answer.text);
}
