import { cpSync } from 'node:fs'

cpSync('node_modules/scalewise/dist-lib/page', 'scalewise', { recursive: true })
