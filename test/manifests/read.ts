/** Public manifests (../shared/data/manifests) as objects, each with the file it stands in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  /** Below the folder of all manifests: 'argo-cd/install.yaml.gz' */
  file: string;
  /** Which of all documents it stands in: a list's items share one. */
  document: number;
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind, or what is none.
  object: any;
}

/** Files in the order of their names; lists are taken apart. What is no map is a link to another file. */
export function readManifests(folder: string): Manifest[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
  let documents = 0;
  return files.flatMap((file) => {
    const bytes = readFileSync(join(folder, file));
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    return parseAllDocuments(text)
      .map((document) => ('toJS' in document ? document.toJS() : undefined))
      .filter((value) => typeof value === 'object' && value !== null)
      .flatMap((value) => {
        const objects = Array.isArray(value.items) && /List$/.test(value.kind) ? value.items : [value];
        documents++;
        return objects.map((object: unknown): Manifest => ({ file, document: documents, object }));
      });
  });
}
