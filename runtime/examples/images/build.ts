/** The images of the examples: what each is called, what it holds, and how an engine comes by it. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import type { ImageFacts } from '../../node/docker/engine/engine.ts';
import { busyboxFiles, type ImageFile, nginxFiles } from './programs.ts';

export interface ImageRecipe {
  name: string;
  /** @throws ProgramMissing */
  files(): ImageFile[];
  /** As instructions of a Dockerfile. */
  changes: readonly string[];
}

/** The part of an engine that is needed here. */
export interface ImageEngine {
  image(name: string): Promise<ImageFacts | undefined>;
  importImage(archive: NodeJS.ReadableStream, name: string, changes: readonly string[]): Promise<void>;
}

export const BUSYBOX: ImageRecipe = {
  name: 'keelson/busybox:1',
  files: () => busyboxFiles(),
  changes: ['ENV PATH=/bin', 'CMD ["sh"]'],
};

export const NGINX: ImageRecipe = {
  name: 'keelson/nginx:1',
  files: nginxFiles,
  changes: ['ENV PATH=/bin:/usr/sbin', 'EXPOSE 80', 'CMD ["nginx"]'],
};

export const IMAGES: readonly ImageRecipe[] = [BUSYBOX, NGINX];

/** Whether it was built: one that the engine has is left as it is, unless told to build anew. @throws ProgramMissing */
export async function ensureImage(
  engine: ImageEngine,
  { name, files, changes }: ImageRecipe,
  anew = false,
): Promise<boolean> {
  if (!anew && (await engine.image(name))) return false;
  await engine.importImage(await archiveOf(files()), name, changes);
  return true;
}

/** In one piece: an archive that is read as it is made ends the process when the engine refuses it half-way. */
async function archiveOf(files: readonly ImageFile[]): Promise<NodeJS.ReadableStream> {
  const archive = pack();
  for (const { path, mode, content, link } of files) {
    if (link !== undefined) archive.entry({ name: path, type: 'symlink', linkname: link });
    else if (content === undefined) archive.entry({ name: path, type: 'directory', mode: mode ?? 0o755 });
    else archive.entry({ name: path, mode: mode ?? 0o644 }, content);
  }
  archive.finalize();
  return Readable.from([await buffer(archive)]);
}
