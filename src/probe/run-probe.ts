export { tryAll } from './attempts.ts';
export { diagnose, type Report } from './diagnose.ts';
export { renderReport } from './render.ts';
