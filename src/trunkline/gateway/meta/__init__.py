"""The meta-tools: five tools that reach all others. The class is `gateway.meta.tools.MetaTools`."""
