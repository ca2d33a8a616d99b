"""The surfaces of the service: one blueprint each, translating between HTTP and the rooms below."""
