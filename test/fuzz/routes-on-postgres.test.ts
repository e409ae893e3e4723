import { describeRoutes } from './every-route.ts'

describeRoutes(0, 1, 'postgres')
