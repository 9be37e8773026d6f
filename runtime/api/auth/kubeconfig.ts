/** The file by which kubectl finds a cluster and shows who it is. Source: Kubernetes v1.36, client-go/tools/clientcmd/api/v1/types.go. */
import { stringify } from 'yaml';

export interface KubeconfigOptions {
  /** 'https://127.0.0.1:6443' */
  server: string;
  /** PEM of the authority that signed the server's certificate; none for plain http. */
  authority?: string;
  user: string;
  /** Either a token or a client certificate; neither for plain http, where kubectl sends no credentials. */
  token?: string;
  certificate?: { certificate: string; key: string };
  /** Name of cluster and context. */
  name?: string;
  namespace?: string;
}

export function kubeconfigText(options: KubeconfigOptions): string {
  const { server, authority, user, token, certificate, name = 'keelson', namespace } = options;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, ...(authority && { 'certificate-authority-data': base64(authority) }) } }],
    users: [
      {
        name: user,
        user: {
          ...(token && { token }),
          ...(certificate && {
            'client-certificate-data': base64(certificate.certificate),
            'client-key-data': base64(certificate.key),
          }),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user, ...(namespace && { namespace }) } }],
    'current-context': name,
    preferences: {},
  });
}
