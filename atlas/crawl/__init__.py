"""Crawling: plan shards, run them, write parts, resume, report."""
