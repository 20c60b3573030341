import { z } from 'zod';
import { STEP_NAMES, type StepName } from '../steps/index.ts';
import { configSchema, scenarioSchema } from './file-schemas.ts';
import { SHORT } from './short-forms.ts';
import { BESIDE_LOOP, STEP_SCHEMAS } from './step-schemas.ts';

type Json = Record<string, unknown>;

/** The schema of scenario files, for editors: `# yaml-language-server: $schema=…`. */
export function createJsonSchema(): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://rtserver.dev/schemas/scenario.json',
    title: 'A scenario of rtserver load',
    type: 'object',
    required: ['scenarios'],
    additionalProperties: false,
    properties: {
      config: toJson(configSchema),
      scenarios: { type: 'array', minItems: 1, items: scenarioJson() },
    },
    $defs: { step: { anyOf: [{ enum: bareSteps() }, ...STEP_NAMES.map(stepJson)] } },
  };
}

function scenarioJson(): Json {
  const json = toJson(scenarioSchema);
  const flow = { type: 'array', minItems: 1, items: { $ref: '#/$defs/step' } };
  return { ...json, properties: { ...(json['properties'] as Json), flow } };
}

function stepJson(name: StepName): Json {
  const { description, ...object } = toJson(STEP_SCHEMAS[name]);
  const properties = object['properties'] as Json;
  const long = { ...object, properties: { ...properties, as: AS } };
  const short = SHORT[name];
  const value =
    name === 'loop' || name === 'parallel'
      ? { type: 'array', items: { $ref: '#/$defs/step' } }
      : short === undefined
        ? isBare(name)
          ? { anyOf: [long, { type: 'null' }] }
          : long
        : { anyOf: [properties[short], long] };
  const beside = name === 'loop' ? Object.fromEntries(BESIDE_LOOP.map((key) => [key, properties[key]])) : {};
  return {
    type: 'object',
    required: [name],
    additionalProperties: false,
    properties: { [name]: { description, ...value }, as: AS, name: NAME, ...beside },
  };
}

const AS = { type: 'string', description: 'which of the sockets of this virtual user' };
const NAME = { type: 'string', description: 'what it is called in the verdict' };

const isBare = (name: StepName) => STEP_SCHEMAS[name].safeParse({}).success;
const bareSteps = () => STEP_NAMES.filter(isBare);

function toJson(schema: z.ZodType): Json {
  const { $schema: _schema, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return json;
}
