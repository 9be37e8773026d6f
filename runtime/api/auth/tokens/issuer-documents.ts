/** Where others find the keys by which they check our tokens: OpenID Connect discovery. Source: Kubernetes v1.36, pkg/serviceaccount/openidmetadata.go. */
import { SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';

export const JWKS_PATH = '/openid/v1/jwks';
export const ISSUER_PATH = '/.well-known/openid-configuration';

/** Of ISSUER_PATH; application/json. @param server base URL at which JWKS_PATH is served. */
export function issuerDocument(issuer: string, server: string): object {
  return {
    issuer,
    jwks_uri: `${server}${JWKS_PATH}`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [SIGNING_ALGORITHM],
  };
}

/** Of JWKS_PATH; application/jwk-set+json. */
export function keysDocument({ jwk }: SigningKey): object {
  return { keys: [jwk] };
}
