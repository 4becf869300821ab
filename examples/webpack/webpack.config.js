import { fileURLToPath } from 'node:url'

// No setting is scalewise's: webpack 5 finds the worker and ONNX Runtime's files by itself.
export default {
  entry: './src/main.js',
  devServer: { static: 'public' },
  // Beside index.html and the model, for any static server.
  output: { path: fileURLToPath(new URL('public', import.meta.url)) },
  performance: { hints: false },
}
