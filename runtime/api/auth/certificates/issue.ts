/**
 * Makes certificates: ECDSA over P-256, signed with SHA-256. Loaded only when one has to be made, as the library behind
 * it takes longer to load than everything else a server does when it starts.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyPair } from './pair.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Clocks differ: certificates are valid from a little earlier. */
const SKEW_MS = 5 * 60_000;

export interface Life {
  nowMs: number;
  lifeMs: number;
}

/** Signs itself and others. */
export async function issueAuthority(name: string, life: Life): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...termsOf(life),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** For TLS servers reached as one of `names`: host names and IP addresses. */
export function issueServer(authority: KeyPair, names: readonly string[], life: Life): Promise<KeyPair> {
  const alternatives = names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
  return issue(authority, [{ CN: ['kube-apiserver'] }], life, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(alternatives),
  ]);
}

/** For a TLS client that is `user` in `groups`. */
export function issueClient(authority: KeyPair, user: string, groups: readonly string[], life: Life): Promise<KeyPair> {
  const name: JsonName = [...groups.map((group) => ({ O: [group] })), { CN: [user] }];
  return issue(authority, name, life, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
}

async function issue(authority: KeyPair, subject: JsonName, life: Life, extensions: Extension[]): Promise<KeyPair> {
  const keys = await generateKeys();
  const signer = new X509Certificate(authority.certificate);
  const certificate = await X509CertificateGenerator.create({
    ...termsOf(life),
    subject,
    issuer: signer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      await AuthorityKeyIdentifierExtension.create(signer),
      ...extensions,
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

function termsOf({ nowMs, lifeMs }: Life): { notBefore: Date; notAfter: Date; serialNumber: string } {
  const serial = webcrypto.getRandomValues(new Uint8Array(16));
  serial[0] &= 0x7f; // A serial number is positive.
  return {
    notBefore: new Date(nowMs - SKEW_MS),
    notAfter: new Date(nowMs + lifeMs),
    serialNumber: Buffer.from(serial).toString('hex'),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
}
