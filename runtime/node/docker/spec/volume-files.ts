/**
 * What the files of a volume are that the API's objects fill: a pure function but for tokens, which are asked for.
 * Source: Kubernetes v1.36, pkg/volume/{configmap,secret,downwardapi,projected}.
 */
import type {
  V1DownwardAPIVolumeFile,
  V1KeyToPath,
  V1Pod,
  V1Volume,
  V1VolumeProjection,
} from '@kubernetes/client-node';
import { fieldValue, resourceValue } from './field-refs.ts';
import { type Lookups, namespaceOf, SpecProblem } from './lookups.ts';

export interface VolumeFile {
  content: Buffer;
  mode: number;
}

/** By path below the volume. */
export type VolumeFiles = Map<string, VolumeFile>;

export type IssueToken = (account: string, audience: string | undefined, seconds: number) => Promise<string>;

const DEFAULT_MODE = 0o644;
const TOKEN_SECONDS = 3600;

/** undefined for a volume that the API does not fill. @throws SpecProblem of reason FailedMount. */
export async function volumeFiles(
  pod: V1Pod,
  volume: V1Volume,
  lookups: Lookups,
  issueToken: IssueToken,
): Promise<VolumeFiles | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume;
  const mode = (configMap ?? secret ?? downwardAPI ?? projected)?.defaultMode ?? DEFAULT_MODE;
  const sources: V1VolumeProjection[] | undefined = configMap
    ? [{ configMap }]
    : secret
      ? [{ secret: { name: secret.secretName, items: secret.items, optional: secret.optional } }]
      : downwardAPI
        ? [{ downwardAPI }]
        : projected?.sources;
  if (!sources) return projected ? new Map() : undefined;
  const files: VolumeFiles = new Map();
  for (const source of sources) await addSource(files, pod, source, mode, lookups, issueToken);
  return files;
}

async function addSource(
  files: VolumeFiles,
  pod: V1Pod,
  source: V1VolumeProjection,
  mode: number,
  lookups: Lookups,
  issueToken: IssueToken,
): Promise<void> {
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = source;
  if (configMap) {
    const found = lookups.configMap(configMap.name ?? '');
    const data = found && new Map([...texts(found.data, 'utf8'), ...texts(found.binaryData, 'base64')]);
    addKeys(files, data, { kind: 'configmap', namespace: namespaceOf(pod), ...configMap }, mode);
  }
  if (secret) {
    const found = lookups.secret(secret.name ?? '');
    const data = found && new Map(texts(found.data, 'base64'));
    addKeys(files, data, { kind: 'secret', namespace: namespaceOf(pod), ...secret }, mode);
  }
  for (const item of downwardAPI?.items ?? []) {
    files.set(item.path, { content: Buffer.from(downward(pod, item, lookups)), mode: item.mode ?? mode });
  }
  if (token) {
    const account = pod.spec?.serviceAccountName ?? 'default';
    const text = await issueToken(account, token.audience, token.expirationSeconds ?? TOKEN_SECONDS);
    files.set(token.path, { content: Buffer.from(text), mode: pod.spec?.securityContext?.fsGroup ? 0o640 : mode });
  }
}

function* texts(map: Record<string, string> | undefined, encoding: 'utf8' | 'base64'): Generator<[string, Buffer]> {
  for (const [key, value] of Object.entries(map ?? {})) yield [key, Buffer.from(value, encoding)];
}

interface KeySource {
  kind: 'configmap' | 'secret';
  namespace: string;
  name?: string;
  items?: V1KeyToPath[];
  optional?: boolean;
}

function addKeys(
  files: VolumeFiles,
  data: Map<string, Buffer> | undefined,
  { kind, namespace, name, items, optional }: KeySource,
  mode: number,
): void {
  if (!data) {
    if (optional) return;
    throw new SpecProblem('FailedMount', `${kind} "${name}" not found`);
  }
  if (!items?.length) {
    for (const [key, content] of data) files.set(key, { content, mode });
    return;
  }
  for (const item of items) {
    const content = data.get(item.key);
    if (content) files.set(item.path, { content, mode: item.mode ?? mode });
    else if (!optional) {
      throw new SpecProblem(
        'FailedMount',
        `${kind} ${namespace}/${name} references non-existent ${kind === 'secret' ? 'secret' : 'config'} key: ${item.key}`,
      );
    }
  }
}

function downward(pod: V1Pod, { fieldRef, resourceFieldRef }: V1DownwardAPIVolumeFile, lookups: Lookups): string {
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, lookups);
  if (!resourceFieldRef) return '';
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return resourceValue(
    all.find(({ name }) => name === resourceFieldRef.containerName),
    resourceFieldRef,
    lookups,
  );
}
