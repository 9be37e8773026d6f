/** A version of a CustomResourceDefinition: its fields and its rules. Source: Kubernetes v1.36, apiextensions-apiserver/pkg/apis/apiextensions/validation. */
import { compileJsonPath } from '../../table/json-path.ts';
import type { Cause } from '../kind.ts';
import { isLabel } from './dns-label.ts';
import type { JsonSchema } from './schema.ts';
import { type Add, structuralCauses } from './schema-causes.ts';

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  schema?: { openAPIV3Schema?: JsonSchema };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

/** Types have been checked before; what is required may be missing. */
export function versionCauses(versions: readonly DefinitionVersion[]): Cause[] {
  const causes: Cause[] = [];
  const add: Add = (reason, field, message) => void causes.push({ reason, field, message });
  if (versions.length === 0)
    add('FieldValueRequired', 'spec.versions', 'Required value: must have at least one version');
  const stored = versions.filter(({ storage }) => storage).length;
  if (versions.length > 0 && stored !== 1) {
    add('FieldValueInvalid', 'spec.versions', 'Invalid value: must have exactly one version marked as storage version');
  }
  const seen = new Set<string>();
  versions.forEach((version, i) => {
    const { name, schema } = version;
    const at = `spec.versions[${i}]`;
    if (!isLabel(name))
      add('FieldValueInvalid', `${at}.name`, `Invalid value: ${JSON.stringify(name ?? '')}: must be a DNS label`);
    if (seen.has(name)) add('FieldValueInvalid', `${at}.name`, 'Invalid value: must contain unique version names');
    seen.add(name);
    const root = schema?.openAPIV3Schema;
    if (!root) add('FieldValueRequired', `${at}.schema.openAPIV3Schema`, 'Required value: schemas are required');
    else structuralCauses(root, `${at}.schema.openAPIV3Schema`, add, true);
    version.additionalPrinterColumns?.forEach((column, c) => {
      columnCauses(column, `${at}.additionalPrinterColumns[${c}]`, add);
    });
    version.selectableFields?.forEach(({ jsonPath }, f) => {
      pathCauses(jsonPath, `${at}.selectableFields[${f}].jsonPath`, add);
    });
    scaleCauses(version, `${at}.subresources.scale`, add);
  });
  return causes;
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'];

function columnCauses({ name, type, format, jsonPath }: PrinterColumn, at: string, add: Add): void {
  if (!name) add('FieldValueRequired', `${at}.name`, 'Required value');
  if (!type) add('FieldValueRequired', `${at}.type`, `Required value: must be one of ${COLUMN_TYPES.join(',')}`);
  else if (!COLUMN_TYPES.includes(type)) {
    add(
      'FieldValueInvalid',
      `${at}.type`,
      `Invalid value: ${JSON.stringify(type)}: must be one of ${COLUMN_TYPES.join(',')}`,
    );
  }
  if (format && !COLUMN_FORMATS.includes(format)) {
    add(
      'FieldValueInvalid',
      `${at}.format`,
      `Invalid value: ${JSON.stringify(format)}: must be one of ${COLUMN_FORMATS.join(',')}`,
    );
  }
  pathCauses(jsonPath, `${at}.jsonPath`, add);
}

function pathCauses(path: string | undefined, at: string, add: Add): void {
  if (!path) add('FieldValueRequired', at, 'Required value');
  else if (!path.startsWith('.') || compileJsonPath(path) === undefined)
    add('FieldValueInvalid', at, `Invalid value: ${JSON.stringify(path)}: must be a simple json path starting with .`);
}

function scaleCauses({ subresources }: DefinitionVersion, at: string, add: Add): void {
  const scale = subresources?.scale;
  if (!scale) return;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const below = (field: string, path: string | undefined, roots: readonly string[]): void => {
    if (!path) add('FieldValueRequired', `${at}.${field}`, 'Required value');
    else if (path.includes('[') || !roots.some((root) => path.startsWith(root) && path.length > root.length)) {
      const why = `should be a json path under ${roots.join(' or ')}`;
      add('FieldValueInvalid', `${at}.${field}`, `Invalid value: ${JSON.stringify(path)}: ${why}`);
    }
  };
  below('specReplicasPath', specReplicasPath, ['.spec.']);
  below('statusReplicasPath', statusReplicasPath, ['.status.']);
  if (labelSelectorPath) below('labelSelectorPath', labelSelectorPath, ['.spec.', '.status.']);
}
