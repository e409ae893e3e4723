import { describeRoutes } from './every-route.ts'

describeRoutes(1, 2)
