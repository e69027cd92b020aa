/** LongBench's 21 data sets (arXiv 2308.14508): prompts, lengths of answers and metrics as published in THUDM/LongBench. */
import type { MetricName } from "../metrics.js";

export interface LongBenchSet {
  /** `{context}` and `{input}` are filled in. */
  readonly prompt: string;
  readonly maxNewTokens: number;
  readonly metric: MetricName;
  /** Asked without a chat template even of chat models: examples in the prompt say what an answer looks like. */
  readonly plain?: true;
  /** Questions in the published file, and in that of LongBench-E where there is one. */
  readonly size: number;
  readonly sizeE?: number;
}

const passages =
  "Answer the question based on the given passages. Only give me the answer and do not output any other words.\n\nThe following are given passages.\n{context}\n\nAnswer the question based on the given passages. Only give me the answer and do not output any other words.\n\nQuestion: {input}\nAnswer:";

export const longBenchSets: Readonly<Record<string, LongBenchSet>> = {
  narrativeqa: {
    prompt:
      "You are given a story, which can be either a novel or a movie script, and a question. Answer the question as concisely as you can, using a single phrase if possible. Do not provide any explanation.\n\nStory: {context}\n\nNow, answer the question based on the story as concisely as you can, using a single phrase if possible. Do not provide any explanation.\n\nQuestion: {input}\n\nAnswer:",
    maxNewTokens: 128,
    metric: "longbench-f1",
    size: 200,
  },
  qasper: {
    prompt:
      'You are given a scientific article and a question. Answer the question as concisely as you can, using a single phrase or sentence if possible. If the question cannot be answered based on the information in the article, write "unanswerable". If the question is a yes/no question, answer "yes", "no", or "unanswerable". Do not provide any explanation.\n\nArticle: {context}\n\n Answer the question based on the above article as concisely as you can, using a single phrase or sentence if possible. If the question cannot be answered based on the information in the article, write "unanswerable". If the question is a yes/no question, answer "yes", "no", or "unanswerable". Do not provide any explanation.\n\nQuestion: {input}\n\nAnswer:',
    maxNewTokens: 128,
    metric: "longbench-f1",
    size: 200,
    sizeE: 224,
  },
  multifieldqa_en: {
    prompt:
      "Read the following text and answer briefly.\n\n{context}\n\nNow, answer the following question based on the above text, only give me the answer and do not output any other words.\n\nQuestion: {input}\nAnswer:",
    maxNewTokens: 64,
    metric: "longbench-f1",
    size: 150,
    sizeE: 150,
  },
  multifieldqa_zh: {
    prompt:
      "阅读以下文字并用中文简短回答：\n\n{context}\n\n现在请基于上面的文章回答下面的问题，只告诉我答案，不要输出任何其他字词。\n\n问题：{input}\n回答：",
    maxNewTokens: 64,
    metric: "longbench-f1-zh",
    size: 200,
  },
  hotpotqa: { prompt: passages, maxNewTokens: 32, metric: "longbench-f1", size: 200, sizeE: 300 },
  "2wikimqa": { prompt: passages, maxNewTokens: 32, metric: "longbench-f1", size: 200, sizeE: 300 },
  musique: { prompt: passages, maxNewTokens: 32, metric: "longbench-f1", size: 200 },
  dureader: {
    prompt: "请基于给定的文章回答下述问题。\n\n文章：{context}\n\n请基于上述文章回答下面的问题。\n\n问题：{input}\n回答：",
    maxNewTokens: 128,
    metric: "longbench-rouge-zh",
    size: 200,
  },
  gov_report: {
    prompt:
      "You are given a report by a government agency. Write a one-page summary of the report.\n\nReport:\n{context}\n\nNow, write a one-page summary of the report.\n\nSummary:",
    maxNewTokens: 512,
    metric: "longbench-rouge",
    size: 200,
    sizeE: 300,
  },
  qmsum: {
    prompt:
      "You are given a meeting transcript and a query containing a question or instruction. Answer the query in one or more sentences.\n\nTranscript:\n{context}\n\nNow, answer the query based on the above meeting transcript in one or more sentences.\n\nQuery: {input}\nAnswer:",
    maxNewTokens: 512,
    metric: "longbench-rouge",
    size: 200,
  },
  multi_news: {
    prompt:
      "You are given several news passages. Write a one-page summary of all news. \n\nNews:\n{context}\n\nNow, write a one-page summary of all the news.\n\nSummary:",
    maxNewTokens: 512,
    metric: "longbench-rouge",
    size: 200,
    sizeE: 294,
  },
  vcsum: {
    prompt: "下面有一段会议记录，请你阅读后，写一段总结，总结会议的内容。\n会议记录：\n{context}\n\n会议总结：",
    maxNewTokens: 512,
    metric: "longbench-rouge-zh",
    size: 200,
  },
  trec: {
    prompt: "Please determine the type of the question below. Here are some examples of questions.\n\n{context}\n{input}",
    maxNewTokens: 64,
    metric: "longbench-class-line",
    plain: true,
    size: 200,
    sizeE: 300,
  },
  triviaqa: {
    prompt:
      "Answer the question based on the given passage. Only give me the answer and do not output any other words. The following are some examples.\n\n{context}\n\n{input}",
    maxNewTokens: 32,
    metric: "longbench-f1-line",
    plain: true,
    size: 200,
    sizeE: 300,
  },
  samsum: {
    prompt: "Summarize the dialogue into a few short sentences. The following are some examples.\n\n{context}\n\n{input}",
    maxNewTokens: 128,
    metric: "longbench-rouge-line",
    plain: true,
    size: 200,
    sizeE: 300,
  },
  lsht: {
    prompt: "请判断给定新闻的类别，下面是一些例子。\n\n{context}\n{input}",
    maxNewTokens: 64,
    metric: "longbench-class-line",
    plain: true,
    size: 200,
  },
  passage_count: {
    prompt:
      "There are some paragraphs below sourced from Wikipedia. Some of them may be duplicates. Please carefully read these paragraphs and determine how many unique paragraphs there are after removing duplicates. In other words, how many non-repeating paragraphs are there in total?\n\n{context}\n\nPlease enter the final count of unique paragraphs after removing duplicates. The output format should only contain the number, such as 1, 2, 3, and so on.\n\nThe final answer is: ",
    maxNewTokens: 32,
    metric: "longbench-count",
    size: 200,
    sizeE: 300,
  },
  passage_retrieval_en: {
    prompt:
      'Here are 30 paragraphs from Wikipedia, along with an abstract. Please determine which paragraph the abstract is from.\n\n{context}\n\nThe following is an abstract.\n\n{input}\n\nPlease enter the number of the paragraph that the abstract is from. The answer format must be like "Paragraph 1", "Paragraph 2", etc.\n\nThe answer is: ',
    maxNewTokens: 32,
    metric: "longbench-retrieval",
    size: 200,
    sizeE: 300,
  },
  passage_retrieval_zh: {
    prompt:
      '以下是若干段落文字，以及其中一个段落的摘要。请确定给定的摘要出自哪一段。\n\n{context}\n\n下面是一个摘要\n\n{input}\n\n请输入摘要所属段落的编号。答案格式必须是"段落1"，"段落2"等格式\n\n答案是：',
    maxNewTokens: 32,
    metric: "longbench-retrieval",
    size: 200,
  },
  lcc: {
    prompt: "Please complete the code given below. \n{context}Next line of code:\n",
    maxNewTokens: 64,
    metric: "longbench-code",
    plain: true,
    size: 500,
    sizeE: 300,
  },
  "repobench-p": {
    prompt: "Please complete the code given below. \n{context}{input}Next line of code:\n",
    maxNewTokens: 64,
    metric: "longbench-code",
    plain: true,
    size: 500,
    sizeE: 300,
  },
};

/** LongBench-E's buckets of the published length (words; characters in Chinese): the end of each; the last one is open. */
export const bucketEnds = [4000, 8000, 16_000] as const;

/** The end of the bucket that a published length falls into. */
export function bucketOf(length: number): number {
  return length < bucketEnds[0] ? bucketEnds[0] : length < bucketEnds[1] ? bucketEnds[1] : bucketEnds[2];
}
