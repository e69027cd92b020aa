/** The parts of WebAssembly that are used: TypeScript declares it for browsers only. */
declare namespace WebAssembly {
  class Memory {
    constructor(pages: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}
