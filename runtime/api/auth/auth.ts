/**
 * Everything by which a server tells who asks and what they may, opened from one folder: certificates, the key of
 * service-account tokens and the administrator's token are made at the first start and used again at the next.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority } from './certificates/certificates.ts';
import type { VersionedView } from './faces.ts';
import { RequestAuthenticator } from './identity/request-authenticator.ts';
import { ADMIN, ensureAdminToken, parseTokenFile, StaticTokens } from './identity/static-tokens.ts';
import { RbacAuthorizer } from './rbac/authorizer.ts';
import { ServiceAccountTokens } from './tokens/service-account-tokens.ts';
import { ensureSigningKey } from './tokens/signing-key.ts';

/** As kubeadm's clusters name themselves. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface AuthOptions {
  /** Where keys are kept: DATA_DIR/pki. */
  directory: string;
  view: VersionedView;
  /** Milliseconds since 1970. */
  now(): number;
  /** Of service-account tokens, and their first audience. */
  issuer?: string;
  /** More audiences that the server takes for its own. */
  audiences?: readonly string[];
  /** Lines of TOKEN,USER,UID,"GROUP,GROUP". */
  tokenFile?: string;
}

export interface Auth {
  authority: Authority;
  authenticator: RequestAuthenticator;
  authorizer: RbacAuthorizer;
  tokens: ServiceAccountTokens;
  /** Bearer token of kubernetes-admin, who is in system:masters. */
  adminToken: string;
}

/** Throws an Error that names the file when one of them is unreadable or wrong. */
export async function openAuth(options: AuthOptions): Promise<Auth> {
  const { directory, view, now, issuer = DEFAULT_ISSUER, audiences = [], tokenFile } = options;
  const [authority, key, adminToken, fileText] = await Promise.all([
    Authority.ensure(directory, now),
    ensureSigningKey(join(directory, 'sa.key')),
    ensureAdminToken(join(directory, 'admin.token')),
    tokenFile === undefined ? '' : readFile(tokenFile, 'utf8'),
  ]);
  const tokens = new ServiceAccountTokens({ key, issuer, audiences: [issuer, ...audiences], view, now });
  const fixed = new StaticTokens();
  for (const { token, user } of parseTokenFile(fileText, tokenFile ?? '')) fixed.add(token, user);
  fixed.add(adminToken, ADMIN);
  return {
    authority,
    authenticator: new RequestAuthenticator(fixed, tokens, now),
    authorizer: new RbacAuthorizer(view),
    tokens,
    adminToken,
  };
}
