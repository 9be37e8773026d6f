/** The four patches and the record of who owns which fields, as the registry uses them. */
import type { KubeObject } from '../../../core/index.ts';
import type { ApplyRequest, MergeType, UpdateRecord } from '../patch/faces.ts';

export interface Patcher {
  typeOf(apiVersion: string, kind: string): MergeType;
  jsonPatch(current: KubeObject, body: unknown): KubeObject;
  mergePatch(current: KubeObject, body: unknown): KubeObject;
  strategicMerge(current: KubeObject, body: unknown, type: MergeType): KubeObject;
  serverSideApply(request: ApplyRequest): KubeObject;
  recordUpdate(record: UpdateRecord): KubeObject;
}
