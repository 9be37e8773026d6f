/** The four patches and the record of who owns which fields, as the registry uses them. */
import type { KubeObject } from '../../../core/index.ts';
import { unsupportedMediaType } from '../http/status.ts';
import { serverSideApply } from '../patch/apply/apply.ts';
import { recordUpdate } from '../patch/apply/update.ts';
import type { ApplyRequest, MergeType, UpdateRecord } from '../patch/faces.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { DEDUCED, mergeTypeOf } from '../patch/merge-types.ts';
import { strategicMerge } from '../patch/strategic/merge.ts';
import type { Schemas } from '../schema/schemas.ts';

export interface Patcher {
  /** DEDUCED for a kind that is not built in. */
  typeOf(apiVersion: string, kind: string): MergeType;
  jsonPatch(current: unknown, body: unknown): unknown;
  mergePatch(current: unknown, body: unknown): unknown;
  strategicMerge(current: KubeObject, body: unknown): unknown;
  serverSideApply(request: ApplyRequest): KubeObject;
  recordUpdate(record: UpdateRecord): KubeObject;
}

export function createPatcher(schemas: Schemas): Patcher {
  return {
    typeOf: (apiVersion, kind) => mergeTypeOf(schemas, apiVersion, kind) ?? DEDUCED,
    jsonPatch,
    mergePatch,
    strategicMerge(current, body) {
      const type = mergeTypeOf(schemas, current.apiVersion, current.kind);
      if (!type)
        throw unsupportedMediaType([
          'application/json-patch+json',
          'application/merge-patch+json',
          'application/apply-patch+yaml',
        ]);
      return strategicMerge(current, body, type);
    },
    serverSideApply,
    recordUpdate,
  };
}
