/** imagePullSecrets as logins, and which of them are for an image. Source: Kubernetes v1.36, pkg/credentialprovider/keyring.go. */
import type { V1Pod, V1Secret } from '@kubernetes/client-node';
import type { RegistryLogin } from '../engine/engine.ts';

interface Auth {
  username?: string;
  password?: string;
  /** 'username:password' in base64. */
  auth?: string;
}

export interface PullSecrets {
  logins: RegistryLogin[];
  /** Names of secrets that are not there. */
  missing: string[];
}

/** Secrets that are not there or cannot be read give no login, as with kubelets. */
export function pullSecretsOf({ spec }: V1Pod, secret: (name: string) => V1Secret | undefined): PullSecrets {
  const names = (spec?.imagePullSecrets ?? []).map(({ name = '' }) => name);
  const logins = names.flatMap((name) => {
    const data = secret(name)?.data ?? {};
    const modern = data['.dockerconfigjson'];
    const auths = modern === undefined ? parsed(data['.dockercfg']) : parsed(modern).auths;
    return Object.entries((auths ?? {}) as Record<string, Auth>).map(([serveraddress, auth]) =>
      login(serveraddress, auth),
    );
  });
  return { logins, missing: names.filter((name) => secret(name) === undefined) };
}

/**
 * The logins that are tried for an image, one after another: those of the longest matching address first.
 * @param repository with its host: 'docker.io/library/busybox'
 */
export function loginsFor(repository: string, logins: readonly RegistryLogin[]): RegistryLogin[] {
  const keyed = logins.map((one) => ({ one, key: keyOf(one.serveraddress) }));
  keyed.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  const matching = keyed.filter(({ key }) => matches(key, repository));
  const isDefault = repository.startsWith('docker.io/');
  const found = matching.length > 0 || !isDefault ? matching : keyed.filter(({ key }) => key === 'index.docker.io');
  return found.map(({ one }) => one);
}

/** 'https://r.example/v1/' → 'r.example'; a path other than the versions' stays. */
function keyOf(serveraddress: string): string {
  const bare = serveraddress.replace(/^https?:\/\//, '');
  const slash = bare.indexOf('/');
  if (slash < 0) return bare;
  const path = bare.slice(slash).replace(/^\/v[12]\//, '/');
  return path === '/' ? bare.slice(0, slash) : bare.slice(0, slash) + path;
}

/** Part for part of the host, in which a '*' stands for any text; the port must be the same, the path may go on. */
function matches(key: string, repository: string): boolean {
  const [wanted, wantedPath] = hostAndPath(key);
  const [host, path] = hostAndPath(repository);
  const [wantedName, wantedPort = ''] = wanted.split(/:(?=\d+$)/);
  const [name, port = ''] = host.split(/:(?=\d+$)/);
  const [wantedParts, parts] = [wantedName.split('.'), name.split('.')];
  if (wantedPort !== port || wantedParts.length !== parts.length || !path.startsWith(wantedPath)) return false;
  return wantedParts.every((part, i) => globOf(part).test(parts[i]));
}

function hostAndPath(text: string): [host: string, path: string] {
  const slash = text.indexOf('/');
  return slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash)];
}

function globOf(part: string): RegExp {
  const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

function parsed(base64 = ''): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function login(serveraddress: string, { username, password, auth = '' }: Auth): RegistryLogin {
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  return {
    serveraddress,
    username: username ?? text.slice(0, Math.max(0, colon)),
    password: password ?? text.slice(colon + 1),
  };
}
