/** imagePullSecrets as logins. Source: Kubernetes v1.36, pkg/credentialprovider. */
import type { V1Pod, V1Secret } from '@kubernetes/client-node';
import type { RegistryLogin } from '../engine/engine.ts';

interface Auth {
  username?: string;
  password?: string;
  /** 'username:password' in base64. */
  auth?: string;
}

/** Secrets that are not there or cannot be read give none, as with kubelets. */
export function loginsOf({ spec }: V1Pod, secret: (name: string) => V1Secret | undefined): RegistryLogin[] {
  return (spec?.imagePullSecrets ?? []).flatMap(({ name = '' }) => {
    const data = secret(name)?.data ?? {};
    const modern = data['.dockerconfigjson'];
    const auths = modern === undefined ? parsed(data['.dockercfg']) : parsed(modern).auths;
    return Object.entries((auths ?? {}) as Record<string, Auth>).map(([serveraddress, auth]) =>
      login(serveraddress, auth),
    );
  });
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
