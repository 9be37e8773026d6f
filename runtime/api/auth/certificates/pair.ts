/** A certificate with its private key, as PEM: read from disk, checked for its remaining life, made anew where needed. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readIfThere, writePrivate } from '../private-file.ts';

export interface KeyPair {
  /** PEM; a certificate that another one has signed comes without that one. */
  certificate: string;
  /** PEM, PKCS#8. */
  key: string;
}

/** DIRECTORY/NAME.crt and DIRECTORY/NAME.key; undefined when one of them is missing, throws when they do not belong together. */
export async function readPair(directory: string, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all(
    ['crt', 'key'].map((ending) => readIfThere(join(directory, `${name}.${ending}`))),
  );
  return certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
}

/** The key first: a certificate on disk always has its key. */
export async function writePair(directory: string, name: string, { certificate, key }: KeyPair): Promise<void> {
  await writePrivate(join(directory, `${name}.key`), key);
  await writePrivate(join(directory, `${name}.crt`), certificate);
}

/** Milliseconds that the certificate is still valid at `nowMs`; not above 0 when it is not (or not yet). */
export function validForMs(pem: string, nowMs: number): number {
  const { validFrom, validTo } = new X509Certificate(pem);
  return nowMs < Date.parse(validFrom) ? 0 : Date.parse(validTo) - nowMs;
}
