/** The key that signs service-account tokens: ES256, kept in one file (PKCS#8 PEM, mode 0600), known by its thumbprint. */
import { createPublicKey } from 'node:crypto';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  importSPKI,
  type JWK,
} from 'jose';
import { readIfThere, writePrivate } from '../private-file.ts';

export const SIGNING_ALGORITHM = 'ES256';

export interface SigningKey {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  /** What /openid/v1/jwks publishes. */
  jwk: JWK & { kid: string };
}

/** The key of `path`, made there at first. Throws when the file holds no such key. */
export async function ensureSigningKey(path: string): Promise<SigningKey> {
  let pem = await readIfThere(path);
  if (pem === undefined) {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
    pem = await exportPKCS8(privateKey);
    await writePrivate(path, `${pem.trimEnd()}\n`);
  }
  return signingKeyOf(pem);
}

async function signingKeyOf(pem: string): Promise<SigningKey> {
  const spki = createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
  const publicKey = await importSPKI(spki, SIGNING_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    privateKey: await importPKCS8(pem, SIGNING_ALGORITHM),
    publicKey,
    jwk: { ...jwk, use: 'sig', kid, alg: SIGNING_ALGORITHM },
  };
}
