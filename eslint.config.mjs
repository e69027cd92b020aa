import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "test-results/", ".longrecipe/", "native-bin/", "examples/", ".vscode-test/"] },
  eslint.configs.recommended,
  { files: ["**/*.mjs"], languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } } },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-imports": "off",
    },
  },
  {
    // The method, the evaluation, the runner and the protocol know nothing of VS Code; native code stays out of the host.
    files: ["src/recipe/**", "src/evaluation/**", "src/runner/**", "src/protocol/**", "src/environment/**"],
    rules: { "no-restricted-imports": ["error", { paths: ["vscode", "onnxruntime-node"] }] },
  },
  { files: ["test/**"], rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-non-null-assertion": "off" } },
);
